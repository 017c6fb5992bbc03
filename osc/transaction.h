/* Bundles at work. Control thread; nothing here is kept between two calls. */
#pragma once

#include "osc/request.h"

/* Runs the bundle that the request is, as dispatch_run: 0, or CALL_LOADING with files missing in request->wanted and no answer
 * sent: then nothing has happened. */
DAWD_CTL int transaction_run(struct request *request);

/* What can be known of a bundle whose time is to come, on the graph as it is: whether it is well formed, all in their ranges, and
 * which files it needs (request->wanted). Names, connections and values of nodes are then's business. 0, or why it cannot be. */
DAWD_CTL int transaction_rehearse(struct request *request, struct error *error);
