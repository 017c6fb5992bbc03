#include "daemon/debug_line.h"

#include <stdio.h>

void debug_line_print(struct debug_line *line, struct engine_stats *stats)
{
    uint64_t cycles = atomic_load(&stats->process.count), busy_ns = atomic_load(&stats->process.sum_ns);
    if (cycles < line->seen_cycles) /* reset */
        *line = (struct debug_line){0};
    uint64_t overruns = atomic_load(&stats->overruns), n = cycles - line->seen_cycles;
    double average_us = n ? (double)(busy_ns - line->seen_busy_ns) / (double)n / 1e3 : 0;
    double worst_us = (double)atomic_exchange(&stats->worst_recent_ns, 0) / 1e3;
    fprintf(stderr, "debug: block %u frames, process average %.1f us, worst %.1f us, overruns %llu\n",
            atomic_load(&stats->period_frames), average_us, worst_us, (unsigned long long)(overruns - line->seen_overruns));
    *line = (struct debug_line){cycles, busy_ns, overruns};
}
