#include "tests/time_rig.h"

#include <stdarg.h>
#include <stdio.h>

#define SECOND_NS TIME_RIG_SECOND_NS
#define DAY_NS    (1800000000ull * SECOND_NS)
#define START_NS  (50 * SECOND_NS)
#define NTP_S     2208988800u

struct time_rig time_rig;

static uint64_t clock_now(void *self)
{
    return *(const uint64_t *)self;
}

void time_rig_open(void)
{
    osc_rig_open(&time_rig.osc);
    time_rig.steady_ns = START_NS;
    time_rig.day_ns = DAY_NS;
    time_rig.osc.ctl->engine->clock = (struct clock){clock_now, &time_rig.steady_ns};
    time_rig.osc.server->schedule.wall =
        (struct wall_clock){.day = {clock_now, &time_rig.day_ns}, .steady = {clock_now, &time_rig.steady_ns}};
    wall_clock_look(&time_rig.osc.server->schedule.wall);
    osc_rig_do(&time_rig.osc, "[\n/graph/add gain a\n/graph/connect in a\n]");
    time_rig.steady_ns = START_NS + ctl_clock(time_rig.osc.ctl) * SECOND_NS / OSC_RIG_RATE_HZ;
}

void time_rig_close(void)
{
    osc_rig_close(&time_rig.osc);
}

uint64_t time_rig_now(void)
{
    return ctl_clock(time_rig.osc.ctl);
}

/* Lets frames pass, and both clocks with them. */
void time_rig_run(uint64_t n_frames)
{
    for (uint64_t i = 0; i < n_frames; i += OSC_RIG_CYCLE) {
        server_tick(time_rig.osc.server);
        ctl_poll(time_rig.osc.ctl);
        engine_cycle_rt(time_rig.osc.ctl->engine, &(struct cycle){.n_frames = OSC_RIG_CYCLE, .budget_ns = SECOND_NS});
        uint64_t before_ns = time_rig.steady_ns;
        time_rig.steady_ns = START_NS + time_rig_now() * SECOND_NS / OSC_RIG_RATE_HZ;
        time_rig.day_ns += time_rig.steady_ns - before_ns;
    }
    ctl_poll(time_rig.osc.ctl);
    server_tick(time_rig.osc.server);
}

/* The time tag of an engine frame, as the wall clock is set. */
uint64_t time_rig_tag(uint64_t frame)
{
    uint64_t ns = time_rig.day_ns + frame * SECOND_NS / OSC_RIG_RATE_HZ - (time_rig.steady_ns - START_NS);
    return (ns / SECOND_NS + NTP_S) << 32 | ((ns % SECOND_NS) << 32) / SECOND_NS;
}

void time_rig_send_at(uint64_t tag, const char *lines)
{
    struct bytes packet = {0};
    osc_rig_packet(lines, tag, &packet);
    osc_rig_send_packet(&time_rig.osc, packet.data, packet.n);
    bytes_deinit(&packet);
}

void time_rig_tell(const char *format, ...)
{
    char lines[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(lines, sizeof lines, format, args);
    va_end(args);
    osc_rig_send(&time_rig.osc, lines);
}

void time_rig_expect(const char *format, ...)
{
    char line[1000];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    osc_rig_expect(&time_rig.osc, line);
}
