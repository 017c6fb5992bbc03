/* A descriptor by which one thread wakes another that sleeps in poll(). Posts add up until they are drained; posting takes
 * no lock, so a callback that its library may cut off at any point can do it. */
#pragma once

#include "graph/thread.h"

/* A new one, not readable yet; closed with close(). -1 when the process has no descriptor left. */
DAWD_ANY int wake_open(void);
/* Makes it readable. */
DAWD_ANY void wake_post(int fd);
/* Makes it unreadable until the next post. */
DAWD_ANY void wake_drain(int fd);
