/* Both clocks are read from the page that the kernel shares, so they are as close together as a few instructions, unless the
 * thread is put to sleep between the two: then the look is not used. */
#include "graph/wall_clock.h"

#include <stdlib.h>
#include <time.h>

#include "graph/mutant.h"

#define LOOKS         3          /* tried, until one was not interrupted */
#define APART_NS      20000      /* longer than that lies between two clocks only of an interrupted look */
#define STEP_NS       200000     /* far beyond the noise of an uninterrupted one */
#define FOLLOW_SHARE  16         /* of a difference that is no step, so much of it per look */
#define NTP_TO_UNIX_S 2208988800 /* from 1900 to 1970 */
#define SECOND_NS     1000000000

uint64_t wall_clock_realtime(void *self)
{
    struct timespec now;
    (void)self;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * SECOND_NS + (uint64_t)now.tv_nsec;
}

/* One look; how far the readings around it lie apart. */
static uint64_t offset_read(struct wall_clock *wall, int64_t *offset_ns)
{
    uint64_t before = clock_read(&wall->steady), day = clock_read(&wall->day), behind = clock_read(&wall->steady);
    wall->day_s = (int64_t)(day / SECOND_NS);
    *offset_ns = (int64_t)(day - before - (behind - before) / 2);
    return behind - before;
}

void wall_clock_look(struct wall_clock *wall)
{
    int64_t offset_ns;
    if (wall->is_set && MUTANT_FLAW("steadfast"))
        return;
    uint64_t apart_ns = offset_read(wall, &offset_ns);
    for (unsigned i = 1; i < LOOKS && apart_ns > APART_NS; i++)
        apart_ns = offset_read(wall, &offset_ns);
    int64_t off_ns = offset_ns - wall->offset_ns;
    if (!wall->is_set || llabs(off_ns) > STEP_NS + (int64_t)apart_ns) {
        wall->n_steps += wall->is_set;
        wall->is_set = true;
        wall->offset_ns = offset_ns;
    } else if (apart_ns <= APART_NS) {
        wall->offset_ns += off_ns / FOLLOW_SHARE;
    }
}

int64_t wall_clock_ns(const struct wall_clock *wall, uint64_t ntp)
{
    int64_t seconds = wall->day_s + (int32_t)((uint32_t)(ntp >> 32) - (uint32_t)(wall->day_s + NTP_TO_UNIX_S));
    int64_t ns = (int64_t)(((ntp & UINT32_MAX) * SECOND_NS + (1u << 31)) >> 32);
    return seconds * SECOND_NS + ns - wall->offset_ns;
}

uint64_t wall_clock_ntp(const struct wall_clock *wall, int64_t ns)
{
    uint64_t day = (uint64_t)(ns + wall->offset_ns);
    uint64_t fraction = ((day % SECOND_NS << 32) + SECOND_NS / 2) / SECOND_NS;
    return ((day / SECOND_NS + NTP_TO_UNIX_S) << 32) + fraction;
}
