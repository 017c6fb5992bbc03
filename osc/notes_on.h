/* The notes of a node that are on: /node/NAME/notes, a pair of note and channel (from 1) for each. */
#pragma once

#include "graph/model.h"
#include "osc/writer.h"

#define NOTES_NAME "notes"

/* Whether nodes of this class have them: those that take notes. */
DAWD_ANY bool notes_on_has(const struct node_class *class);
/* Adds them to results, low channels first, and low notes of each. */
DAWD_CTL void notes_on_write(struct writer *results, const struct node *node);
/* Another number whenever others are on. */
DAWD_CTL uint64_t notes_on_hash(const struct node *node);
