#include "osc/cpu_share.h"

#include <time.h>

#define BURST_NS   100e6 /* a hundred thousand sets of a value, which is no flood yet */
#define HELPING_NS 1e6   /* or there would be a wake-up for each microsecond that is saved */

static uint64_t thread_ns(void)
{
    struct timespec spent;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &spent);
    return (uint64_t)spent.tv_sec * 1000000000u + (uint64_t)spent.tv_nsec;
}

bool cpu_share_look(struct cpu_share *share, uint64_t now_ns)
{
    uint64_t seen_ns = thread_ns();
    bucket_fill(&share->ns, now_ns, share->percent * 1e7, BURST_NS);
    if (share->is_spending)
        bucket_take(&share->ns, (double)(seen_ns - share->seen_ns));
    share->seen_ns = seen_ns;
    share->is_spending = false;
    share->is_spent = share->ns.level <= (share->is_spent ? HELPING_NS : 0);
    return !share->is_spent;
}
