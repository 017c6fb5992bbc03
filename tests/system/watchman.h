/* Puts a test's programs and folder away when the test cannot: it failed, crashed, or took too long.
 *
 * A process apart, which lives through all of these. It knows the programs that run, and acts when the test ends without
 * having said so.
 */
#pragma once

#include <sys/types.h>

/* Starts it: it is to show the logs in `folder` and then remove that folder. One at a time. */
void watchman_start(const char *folder);
/* Tells it of a program that has been started (takes nothing over), or that has ended. Nothing when none watches. */
void watchman_started(pid_t pid);
void watchman_ended(pid_t pid);
/* All is put away: it goes home. */
void watchman_dismiss(void);
/* Something went wrong and the test goes on: it acts at once, and has when this returns. */
void watchman_alarm(void);
