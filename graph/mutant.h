/* Places where a deliberate fault can be put into the audio thread, to prove that the tests would notice a real one.
 *
 * In the mutant variant of the build each place calls mutant_rt, which commits the fault that the environment names
 * (DAWD_MUTANT=KIND@SITE, see tests/mutants.c). In every other variant the word vanishes.
 */
#pragma once

#include "graph/thread.h"

enum mutant_site {
    MUTANT_NODE,  /* inside the process of a node */
    MUTANT_DRAIN, /* while a cycle takes in what control has sent */
    MUTANT_SWAP,  /* while a new plan takes the place of the old one */
};

#ifdef DAWD_MUTANTS
/* Commits the fault if it is meant for this site; implemented by the tests. Any number of calls, on the audio thread. */
DAWD_RT void mutant_rt(enum mutant_site site);
#define MUTANT(site) mutant_rt(site)
#else
#define MUTANT(site) ((void)0)
#endif
