#include "tests/fuzz/made_up.h"

#include <stdlib.h>
#include <string.h>

#include "graph/node.h"
#include "tests/fuzz/fuzz.h"

static const struct device_other others[] = {{"system:capture_1", true, true},
                                             {"system:playback_1", false, true},
                                             {"system:playback_2", false, true},
                                             {"synth:out", true, false}};

static uint64_t want(void *self, const struct device_port *ports, unsigned n)
{
    struct made_up *made_up = self;
    fuzz_expect(n <= DEVICE_PORTS_MAX, "more ports are wished for than there can be");
    for (unsigned i = 0; i < n; i++) {
        fuzz_expect(ports[i].index < DEVICE_PORTS_MAX, "a port has a number beyond the last");
        fuzz_expect(memchr(ports[i].name, 0, sizeof ports[i].name), "the name of a port has no end");
    }
    memcpy(made_up->ports, ports, n * sizeof *ports);
    made_up->n_ports = n;
    return ++made_up->n_wishes;
}

static uint64_t fulfilled(void *self)
{
    return ((struct made_up *)self)->n_fulfilled;
}

static void want_cables(void *self, const struct device_cable *cables, unsigned n)
{
    struct made_up *made_up = self;
    for (unsigned i = 0; i < n; i++)
        fuzz_expect(cables[i].index < DEVICE_PORTS_MAX && memchr(cables[i].other, 0, sizeof cables[i].other),
                    "a connection is wished for with a port that cannot be");
    made_up->n_cables = n < MADE_UP_CABLES ? n : MADE_UP_CABLES;
    if (n)
        memcpy(made_up->cables, cables, made_up->n_cables * sizeof *cables);
}

static bool each_other(void *self, void (*take)(void *user, const struct device_other *other), void *user)
{
    (void)self;
    for (unsigned i = 0; i < ROWS(others); i++)
        take(user, &others[i]);
    return true;
}

static void each_port(const struct made_up *made_up, const struct device_cable *cable,
                      void (*take)(void *user, const struct device_link *link), void *user)
{
    for (unsigned i = 0; i < made_up->n_ports; i++)
        if (made_up->ports[i].index == cable->index)
            take(user, &(struct device_link){made_up->ports[i].name, cable->other, !made_up->ports[i].is_input});
}

static bool each_link(void *self, void (*take)(void *user, const struct device_link *link), void *user)
{
    struct made_up *made_up = self;
    for (unsigned i = 0; i < made_up->n_cables; i++)
        for (unsigned k = 0; k < ROWS(others); k++)
            if (!made_up->cables[i].is_cut && strcmp(others[k].name, made_up->cables[i].other) == 0)
                each_port(made_up, &made_up->cables[i], take, user);
    return true;
}

static int record(void *self, const struct recording_spec *spec, struct recording **recording, struct error *error)
{
    struct made_up *made_up = self;
    if (made_up->n_recordings == MADE_UP_RECORDINGS)
        return error_set(error, ERROR_TOO_BIG, "%u recordings are the most", MADE_UP_RECORDINGS);
    *recording = calloc(1, sizeof **recording);
    if (!*recording || recording_init(*recording, spec->channels, spec->rate_hz)) {
        free(*recording);
        return error_set(error, ERROR_INTERNAL, "memory ran out");
    }
    made_up->n_recordings++;
    return 0;
}

static void release(void *self, struct recording *recording)
{
    ((struct made_up *)self)->n_recordings--;
    recording_deinit(recording);
    free(recording);
}

void made_up_init(struct made_up *made_up)
{
    memset(made_up, 0, sizeof *made_up);
    made_up->device = (struct device_service){made_up, want, fulfilled, want_cables, each_other, each_link};
    made_up->disk = (struct disk_service){made_up, record, release};
}

void made_up_look(struct made_up *made_up)
{
    made_up->n_fulfilled = made_up->n_wishes;
}
