#include "daemon/jack_refusal.h"

#include <string.h>

#include "daemon/jack_shm.h"
#include "graph/mutant.h"

enum jack_cause jack_refusal_foresee(const char *server, char *text)
{
    struct jack_shm shm;
    if (MUTANT_FLAW("headlong"))
        return JACK_CAUSE_NONE;
    return jack_shm_look(JACK_SHM_FOLDER, server, &shm) ? jack_shm_admit(&shm, server, text) : JACK_CAUSE_NONE;
}

static enum jack_cause without_server(const char *server, char *text)
{
    struct jack_shm shm;
    if (jack_shm_look(JACK_SHM_FOLDER, server, &shm))
        return jack_shm_explain(&shm, server, text);
    jack_cause_write(text, JACK_CAUSE_NO_SERVER, server);
    return JACK_CAUSE_NO_SERVER;
}

enum jack_cause jack_refusal_explain(jack_status_t status, const char *server, char *text)
{
    enum jack_cause cause = status & JackVersionError  ? JACK_CAUSE_VERSION
                            : status & JackShmFailure  ? JACK_CAUSE_SHM_FAILED
                            : status & JackServerError ? JACK_CAUSE_BROKEN
                                                       : JACK_CAUSE_NO_ROOM;
    if (status & JackServerFailed && !(status & (JackVersionError | JackShmFailure)))
        return without_server(server, text);
    jack_cause_write(text, cause, server, (unsigned)status);
    return cause;
}

void jack_refusal_compare_names(const char *wished, const char *name, char *text)
{
    text[0] = '\0';
    if (strcmp(wished, name) != 0)
        jack_cause_write(text, JACK_CAUSE_NAME_TAKEN, wished, name);
}
