#include "osc/ntp.h"

#include <time.h>

#define NTP_TO_UNIX_S 2208988800u /* from 1900 to 1970 */

uint64_t ntp_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    uint64_t seconds = (uint64_t)now.tv_sec + NTP_TO_UNIX_S;
    uint64_t fraction = ((uint64_t)now.tv_nsec << 32) / 1000000000u;
    return seconds << 32 | fraction;
}
