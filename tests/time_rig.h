/* The language and an engine whose clocks move with its frames (osc_rig.h): for what has a time.
 *
 *     time_rig_open();                                       the node "a", a gain, hears "in"
 *     time_rig_send_at(time_rig_tag(48000), "[\n...\n]");    a bundle with the time tag of that frame
 *     time_rig_run(96000);
 *     time_rig_expect("/done 0 #bundle 1 48000h *");
 *     time_rig_close();
 */
#pragma once

#include "tests/osc_rig.h"

#define TIME_RIG_SECOND_NS 1000000000ull

struct time_rig {
    struct osc_rig osc;
    uint64_t steady_ns, day_ns; /* the engine's clock, and that of the wall, which a test may set */
};

extern struct time_rig time_rig;

void time_rig_open(void);
void time_rig_close(void);

/* The engine's frame. */
uint64_t time_rig_now(void);
/* Lets frames pass, and both clocks with them. */
void time_rig_run(uint64_t n_frames);
/* The time tag of an engine frame, as the wall clock is set. */
uint64_t time_rig_tag(uint64_t frame);

/* Sends a bundle with a time tag; lines; and what the next answer must look like (osc_rig_expect). */
void time_rig_send_at(uint64_t tag, const char *lines);
__attribute__((format(printf, 1, 2))) void time_rig_tell(const char *format, ...);
__attribute__((format(printf, 1, 2))) void time_rig_expect(const char *format, ...);
