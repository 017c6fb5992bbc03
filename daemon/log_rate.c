#include "daemon/log_rate.h"

#include <string.h>

#include "graph/hash.h"
#include "graph/mutant.h"

#define SECOND_NS 1000000000

/* The same text from two places is one kind. */
static uint64_t key_of(int level, const char *format)
{
    uint64_t key = hash_bytes(HASH_BEGIN ^ (uint64_t)level, format, strlen(format));
    return key ? key : 1;
}

static int64_t newest_ns(const struct log_kind *kind)
{
    return kind->said_ns[(kind->oldest + LOG_KIND_LINES - 1) % LOG_KIND_LINES];
}

/* One that has neither an allowance to wait for nor anything to tell. */
static bool is_forgettable(const struct log_kind *kind, int64_t now_ns)
{
    return !kind->n_suppressed && now_ns - newest_ns(kind) >= SECOND_NS;
}

struct log_kind *log_rate_find(struct log_rate *rate, int level, const char *format, int64_t now_ns)
{
    uint64_t key = key_of(level, format);
    struct log_kind *spare = &rate->others;
    spare->level = level;
    for (unsigned i = 0; i < LOG_KINDS; i++) {
        struct log_kind *kind = &rate->kinds[(key + i) % LOG_KINDS];
        if (kind->key == key)
            return kind;
        if (!kind->key) {
            *kind = (struct log_kind){.key = key, .level = level};
            return kind;
        }
        if (spare == &rate->others && is_forgettable(kind, now_ns))
            spare = kind;
    }
    if (spare != &rate->others)
        *spare = (struct log_kind){.key = key, .level = level};
    return spare;
}

bool log_kind_admit(struct log_kind *kind, int64_t now_ns)
{
    int64_t *oldest_ns = &kind->said_ns[kind->oldest];
    if (*oldest_ns && now_ns - *oldest_ns < SECOND_NS && !MUTANT_FLAW("chatty"))
        return false;
    *oldest_ns = now_ns;
    kind->oldest = (kind->oldest + 1) % LOG_KIND_LINES;
    return true;
}
