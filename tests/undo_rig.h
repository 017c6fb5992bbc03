/* The rig of the language, for tests that take back what they did: with a clock that moves when the test says so, and files
 * that come at once. */
#pragma once

#include "tests/osc_rig.h"

/* Opens the rig at a time of one second. */
DAWD_CTL void undo_rig_open(struct osc_rig *rig);
/* Moves the clock to a time in milliseconds from there; all rigs of a program have the same. */
DAWD_ANY void undo_rig_clock(uint64_t ms);

/* Ends all loads that are outstanding. */
DAWD_CTL void undo_rig_bring(struct osc_rig *rig);
/* Asks for something that may need files; the line of its one answer, "" when there is none. */
DAWD_CTL const char *undo_rig_ask(struct osc_rig *rig, const char *lines);
/* The same, which must be done. */
DAWD_CTL void undo_rig_do(struct osc_rig *rig, const char *lines);

/* The session as it would be saved; to be freed. */
DAWD_CTL char *undo_rig_text(struct osc_rig *rig);
/* "n done" of /history must be these. */
DAWD_CTL void undo_rig_steps(struct osc_rig *rig, const char *counts);
