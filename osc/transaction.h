/* Bundles at work. Control thread; nothing here is kept between two calls. */
#pragma once

#include "osc/request.h"

/* Runs the bundle that the request is, as dispatch_run: 0, or CALL_LOADING with files missing in request->wanted and no answer
 * sent: then nothing has happened. */
DAWD_CTL int transaction_run(struct request *request);
