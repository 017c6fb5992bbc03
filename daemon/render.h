/* dawd SESSION --render OUT: a session becomes a file, without JACK, without a clock, as fast as the machine goes.
 *
 *     SESSION -> language -> engine -> offline driver -> what reaches `out` -> frames --from to --to -> OUT
 *
 * Rendering begins with everything at rest: no fade of the loading is heard, the transport starts to roll at 0 with the first
 * frame. Two renders of a session are equal to the bit, and a part of one is equal to that part of the whole: what comes
 * before --from is rendered too, and thrown away. Nothing is recorded meanwhile.
 */
#pragma once

#include "daemon/options.h"

/* Loads the session and leaves it again. 0, or what the language says against it. */
DAWD_CTL int render_load(const struct options *options, struct error *error);
/* The whole render; says on stderr what went wrong. The exit code. */
DAWD_CTL enum options_exit render_run(const struct options *options);
