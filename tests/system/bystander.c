#include "tests/system/bystander.h"

#include <stdatomic.h>

static int process(jack_nframes_t n, void *user)
{
    struct bystander *bystander = user;
    jack_nframes_t now = jack_last_frame_time(bystander->jack), lost = now - bystander->next;
    if (atomic_load(&bystander->cycles) && lost <= INT32_MAX)
        atomic_fetch_add(&bystander->lost_frames, lost);
    bystander->next = now + n;
    atomic_fetch_add(&bystander->cycles, 1);
    return 0;
}

void bystander_open(struct bystander *bystander, const struct studio *studio)
{
    *bystander =
        (struct bystander){.jack = jack_client_open("bystander", JackNoStartServer | JackServerName, NULL, studio->server)};
    if (!bystander->jack || jack_set_process_callback(bystander->jack, process, bystander) ||
        jack_activate(bystander->jack))
        rig_fail("the JACK server refuses a client");
}

void bystander_close(struct bystander *bystander)
{
    jack_client_close(bystander->jack);
}
