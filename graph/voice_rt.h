/* Nodes inside of a container run while their voice does: graph/voice_shared.h. */
#pragma once

#include "graph/step_rt.h"

/* Behind process of a container: calls the steps of the voices that begin, and clears what is on its way between them. */
DAWD_RT void voices_call_rt(const struct step *step, const struct moment *moment);

/* Before a node of a voice runs: whether the voice does not. What it holds is of no note that is to come: it goes with the voice, or
 * where that begins anew at once. */
DAWD_RT bool voice_rests_rt(struct step *step, const struct moment *moment);

/* Behind process of a node whose voice has let go of its note: what is too soft to be heard counts as silence from here on, though
 * something always sounds before it. So what comes behind can fall asleep, and the voice end. */
DAWD_RT void voice_listen_rt(struct step *step, const struct moment *moment);
