/* Nodes inside of a container run while their voice does: graph/voice_shared.h. */
#pragma once

#include "graph/step_rt.h"

/* Behind process of a container: calls the steps of the voices that begin, for which it clears what is on its way between them, and
 * of those that stop. */
DAWD_RT void voices_call_rt(const struct step *step, const struct moment *moment);

/* Before a node of a voice runs: whether the voice does not. What it holds is of no note that is to come: it goes with the voice, or
 * where that begins anew at once. */
DAWD_RT bool voice_rests_rt(struct step *step, const struct moment *moment);

/* Whether the voice runs all through the block. */
DAWD_RT bool voice_is_whole_rt(const struct step *step, const struct moment *moment);

/* In place of process of such a node, in a block in which its voice starts, or stops, or both: runs it at the frames at which the voice
 * runs, as if blocks began and ended there. At the others it gives silence, also if it has run already. What stopped before the
 * start is not run any more. False, and nothing is done, where it is whole. */
DAWD_RT bool voice_run_rt(struct step *step, const struct moment *moment, bool has_run);

/* Behind process of a node whose voice has let go of its note: what is too soft to be heard counts as silence from here on, though
 * something always sounds before it. So what comes behind can fall asleep, and the voice end. */
DAWD_RT void voice_listen_rt(struct step *step, const struct moment *moment);
