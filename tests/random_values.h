/* Values at random, for random_edits.c: a statement's words, and what the copy makes of them. Each returns the code that it must be
 * answered with, 0 when it is legal. */
#pragma once

#include "tests/graph_copy.h"

#define RANDOM_NAMES 10
extern const char *const random_names[RANDOM_NAMES]; /* of nodes, in the order in which edges lead */

/* Picks a parameter and a number for a node, or whether it is bypassed. */
int random_value(struct graph_copy *copy, struct graph_copy_action *action, uint32_t *seed);
int random_set(struct graph_copy *copy, char *text, size_t bytes, uint32_t *seed);
/* The pitch of an oscillator as a note value, and another tempo. */
int random_note(struct graph_copy *copy, char *text, size_t bytes, uint32_t *seed);
int random_tempo(struct graph_copy *copy, char *text, size_t bytes, uint32_t *seed);
