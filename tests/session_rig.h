/* Sessions in the rig of the language: files of text and sounds that come at once. */
#pragma once

#include "tests/osc_rig.h"

/* Asks for /session/load FILE, gives it this text and every sound it wants, and returns the line of the answer. */
DAWD_CTL const char *session_rig_load(struct osc_rig *rig, const char *file, const void *text, size_t n);
/* The same with head and end put around the lines; it must be done. */
DAWD_CTL void session_rig_do(struct osc_rig *rig, const char *lines);
/* The same, which must be refused with this code, in words that hold `says`, while what sounds goes on as it was. */
DAWD_CTL void session_rig_refuse(struct osc_rig *rig, const char *text, enum error_code code, const char *says);

/* Asks for /session/save, which must be done; what was written, to be freed. */
DAWD_CTL char *session_rig_save(struct osc_rig *rig, const char *file);

/* Adds a node of every type that can be made without a sound card or a disk, with values that are hard to write, and wires
 * some of them. Returns how many. */
DAWD_CTL unsigned session_rig_fill(struct osc_rig *rig);

/* What sounds, and whether it still is exactly that: the plan and every object in it. */
struct session_rig_sound {
    const void *plan;
    uint64_t revision;
    uint64_t objects; /* all of them, their order counts */
};
DAWD_CTL struct session_rig_sound session_rig_sound(const struct osc_rig *rig);
DAWD_CTL void session_rig_unchanged(const struct osc_rig *rig, const struct session_rig_sound *before, const char *what);
