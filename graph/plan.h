/* The compiler from model to plan. */
#pragma once

#include "graph/model.h"
#include "graph/plan_shared.h"

/* Compiles all nodes of the model and all its planned edges, which are free of cycles. The order is topological, depth
 * first from the oldest node on: a chain runs while its buffer is warm, and the same graph always gives the same plan.
 * Time and memory grow with nodes + edges. 0 and *plan is the caller's, or ERROR_INTERNAL when memory ran out. */
DAWD_CTL int plan_compile(const struct model *model, struct plan **plan);

/* Frees it with its buffers, not the objects that it points to. The audio thread does not use it any more. Accepts
 * null. */
DAWD_CTL void plan_free(struct plan *plan);
