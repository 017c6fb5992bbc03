#include "graph/offline.h"

int offline_init(struct offline *offline, struct ctl *ctl, unsigned n_ports, unsigned period_frames)
{
    *offline = (struct offline){.engine = ctl->engine, .n_ports = n_ports, .period_frames = period_frames};
    for (unsigned i = 0; i < n_ports; i++) {
        offline->ports[i] = arena_take_array(&offline->arena, period_frames, sizeof(float));
        if (!offline->ports[i]) {
            offline_deinit(offline);
            return ERROR_INTERNAL;
        }
    }
    return 0;
}

bool offline_cycle(struct offline *offline, unsigned n_frames)
{
    /* No budget: a render that is slower than its sound is no fault. */
    return engine_cycle_rt(offline->engine,
                           &(struct cycle){.n_frames = n_frames, .ports = offline->ports, .midi = offline->midi});
}

void offline_deinit(struct offline *offline)
{
    arena_deinit(&offline->arena);
    *offline = (struct offline){0};
}
