/* Places where a deliberate fault can be put into the daemon, to prove that the tests would notice a real one.
 *
 * In the mutant variant of the build each place of the audio thread calls mutant_rt, which commits the fault that the
 * environment names (DAWD_MUTANT=KIND@SITE, see tests/mutants.c); those of other threads ask whether they are meant. In
 * every other variant the words vanish.
 */
#pragma once

#include <stdbool.h>

#include "graph/thread.h"

enum mutant_site {
    MUTANT_NODE,  /* inside the process of a node */
    MUTANT_DRAIN, /* while a cycle takes in what control has sent */
    MUTANT_SWAP,  /* while a new plan takes the place of the old one */
    MUTANT_CYCLE, /* once in each cycle */
};

#ifdef DAWD_MUTANTS
/* Commits the fault if it is meant for this site; implemented by the tests. Any number of calls, on the audio thread. */
DAWD_RT void mutant_rt(enum mutant_site site);
#define MUTANT(site) mutant_rt(site)
/* Whether this flaw of another thread is wished for (DAWD_MUTANT=NAME). */
DAWD_ANY bool mutant_flaw(const char *name);
#define MUTANT_FLAW(name) mutant_flaw(name)
#else
#define MUTANT(site)      ((void)0)
#define MUTANT_FLAW(name) false
#endif
