/* The faults of the mutant variant: what the audio thread must never do, done on purpose.
 *
 *     DAWD_MUTANT=KIND@SITE    KIND  malloc free bigfree lock contended printf sleep fault syscall noftz stack dear freeze
 *                              SITE  node drain swap cycle
 *     DAWD_MUTANT=FLAW         one of the table below; or both, with a comma between
 *
 * "freeze" and "stuck" wait for SIGUSR1.
 */
#include "graph/mutant.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <xmmintrin.h>

#define SMALL_BYTES 32
#define BIG_BYTES   ((size_t)1 << 20) /* beyond the heap: freeing it unmaps */
#define N_SMALL     16384
#define N_BIG       64
#define PAGE_BYTES  4096
#define ONE_SECOND  188 /* blocks */
#define N_PAGES     4096

static void *small[N_SMALL], *big[N_BIG];
static char *pages;
static unsigned n_done;
static volatile sig_atomic_t is_signalled;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void nap(long us)
{
    nanosleep(&(struct timespec){.tv_nsec = 1000 * us}, NULL);
}

static void *hold_the_lock(void *unused)
{
    for (;; nap(50)) {
        pthread_mutex_lock(&mutex);
        nap(300);
        pthread_mutex_unlock(&mutex);
    }
    return unused;
}

/* JACK locks the memory of its clients; unlocked pages that were given back fault again. */
static void *take_pages_back(void *unused)
{
    for (;; nap(20000)) {
        munlock(pages, (size_t)N_PAGES * PAGE_BYTES);
        madvise(pages, (size_t)N_PAGES * PAGE_BYTES, MADV_DONTNEED);
    }
    return unused;
}

static void helper_start(void *(*run)(void *))
{
    pthread_attr_t attributes;
    pthread_t thread;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 65536);
    if (pthread_create(&thread, &attributes, run, NULL))
        abort();
}

static void small_prepare(void)
{
    for (unsigned i = 0; i < N_SMALL; i++)
        small[i] = malloc(SMALL_BYTES);
}

static void big_prepare(void)
{
    for (unsigned i = 0; i < N_BIG; i++)
        big[i] = malloc(BIG_BYTES);
}

static void contended_prepare(void)
{
    helper_start(hold_the_lock);
}

static void fault_prepare(void)
{
    pages = mmap(NULL, (size_t)N_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    helper_start(take_pages_back);
}

static void take_signal(int number)
{
    is_signalled = number;
}

static void signal_prepare(void)
{
    signal(SIGUSR1, take_signal);
}

static void malloc_act(void)
{
    small[n_done % N_SMALL] = malloc(SMALL_BYTES);
}

static void free_act(void)
{
    if (n_done < N_SMALL)
        free(small[n_done]);
}

static void bigfree_act(void)
{
    if (n_done < N_BIG)
        free(big[n_done]);
}

static void lock_act(void)
{
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
}

static void printf_act(void)
{
    printf("a line from the audio thread\n");
}

static void sleep_act(void)
{
    usleep(20);
}

static void fault_act(void)
{
    *(volatile char *)(pages + (size_t)(n_done % N_PAGES) * PAGE_BYTES) = 1;
}

/* Without the C library: only the kernel can notice. */
static void syscall_act(void)
{
    long result;
    __asm__ volatile("syscall" : "=a"(result) : "a"((long)SYS_getppid) : "rcx", "r11", "memory");
}

static void noftz_act(void)
{
    _mm_setcsr(_mm_getcsr() & ~0x8040u);
}

/* Within what JACK gives, but more than one program may take of it. */
__attribute__((noinline)) static void stack_act(void)
{
    volatile char much[160 << 10];
    for (unsigned i = 0; i < sizeof much; i += 1024)
        much[i] = 1;
}

/* A fifth of a period of 256 frames at 48 kHz, so seldom that hardly more than one cycle in a thousand shows it. */
static void dear_act(void)
{
    struct timespec from, now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while (n_done % 400 == 399 && (now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec < 1067000);
}

static void freeze_act(void)
{
    while (is_signalled)
        nap(100000);
}

/* For ever, once a second has passed: at 48 kHz and 256 frames, a node that is alone. When it began is told. */
static void spin_act(void)
{
    struct timespec now;
    if (n_done < ONE_SECOND)
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    dprintf(STDERR_FILENO, "spins since %.3f\n", (double)now.tv_sec + (double)now.tv_nsec / 1e9);
    for (volatile bool goes_on = true; goes_on;)
        ;
}

/* Waits for half a second, once. */
static void stall_act(void)
{
    if (n_done == ONE_SECOND)
        nap(500000);
}

/* More than there is time for, in every cycle from then on. */
static void toil_act(void)
{
    struct timespec from, now;
    clock_gettime(CLOCK_MONOTONIC, &from);
    do
        clock_gettime(CLOCK_MONOTONIC, &now);
    while (n_done > ONE_SECOND && (now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec - from.tv_nsec < 6000000);
}

static const struct mutant {
    const char *kind;
    void (*prepare)(void);
    void (*act)(void);
} mutants[] = {
    {"malloc", NULL, malloc_act},
    {"free", small_prepare, free_act},
    {"bigfree", big_prepare, bigfree_act},
    {"lock", NULL, lock_act},
    {"contended", contended_prepare, lock_act},
    {"printf", NULL, printf_act},
    {"sleep", NULL, sleep_act},
    {"fault", fault_prepare, fault_act},
    {"syscall", NULL, syscall_act},
    {"noftz", NULL, noftz_act},
    {"stack", NULL, stack_act},
    {"dear", NULL, dear_act},
    {"spin", NULL, spin_act},
    {"stall", NULL, stall_act},
    {"toil", NULL, toil_act},
    {"freeze", signal_prepare, freeze_act},
};

static const char *const sites[] = {
    [MUTANT_NODE] = "node", [MUTANT_DRAIN] = "drain", [MUTANT_SWAP] = "swap", [MUTANT_CYCLE] = "cycle"};

static const char *const flaws[] = {
    "generous",  /* strangers are answered whatever it costs */
    "miscount",  /* one set in a thousand is counted and not done */
    "nap",       /* the control thread sleeps for a while in each round */
    "unbounded", /* no limit on what clients make */
    "small",     /* the kernel is asked for little room for datagrams, and nobody is told */
    "slow",      /* each datagram costs twenty microseconds */
    "cut",       /* edges do not fade */
    "forget",    /* a rollback leaves values as they are */
    "tardy",     /* what has a time takes effect a frame later */
    "unmarked",  /* from a certain number of changes on, the next is not noted */
    "certain",   /* who sets a value is never told of it, even if another set it too */
    "crowded",   /* no limit on connections */
    "patient",   /* clients that do not read, or never end a frame, are kept */
    "clinging",  /* the descriptor of a closed connection is kept */
    "trusting",  /* paths are opened as they come */
    "leak",      /* each edit loses some bytes */
    "brimful",   /* the driver's count of frames ends at 32 bits and begins anew */
    "hesitant",  /* what control sends is taken in after a cycle and not before it */
    "hoard",     /* what is scheduled has no limit */
    "steadfast", /* the time of day is looked up once and never again */
    "blind",     /* no edge is searched for a loop */
    "stuck",     /* the control thread turns no more */
    "blithe",    /* the manager is told that all gets on, whether it does or not */
    "abrupt",    /* the end is not faded out */
    "adrift",    /* recordings are left open at the end */
    "stubborn",  /* a second signal does not hasten the end */
    "headless",  /* the header of a recording follows when it is closed */
    "sluggish",  /* the disk thread rests for seconds */
    "dawdling",  /* who reads sounds while they play rests for most of a second */
    "narrow",    /* recordings are plain WAV, however long */
    "boast",     /* a take that came to an end claims what the encoder has taken */
    "wild",      /* samples of files may be no numbers */
    "leaky",     /* a line of a session that is refused is not freed */
    "tailless",  /* a session needs no last line */
    "inplace",   /* a save writes over the old file */
    "unsynced",  /* a save leaves it to the kernel when it is on the disk */
    "unwarned",  /* nobody is told that the disk is nearly full */
    "seamless",  /* no silence stands for lost frames */
    "lapse",     /* a long cycle loses its last frame */
    "timid",     /* a cycle is no longer than was announced */
    "autostart", /* JACK may start a server by itself */
    "headlong",  /* a client is opened whether there is memory for it or not */
    "oldrate",   /* nodes keep the rate that was */
    "fixedrate", /* nobody looks at the rate of a server */
    "swallow",   /* what JACK withholds has no sentence */
    "chatty",    /* the log says every line */
    "placeless", /* the journal tells no numbers of what is made */
    "unshaken",  /* behind a group that failed, the next is added */
    "groupless", /* some groups never reach the journal */
    "credulous", /* nobody looks at the checksums of a journal */
    "careless",  /* a journal leaves it to the kernel when it is on the disk */
    "unflushed", /* what is to be kept is written every ten seconds, and said to be there before */
    "hopeful",   /* a start that follows a crash expects another outcome */
    "crashing",  /* a node that is labelled "crash" does it */
    "untimed",   /* nobody ends a cycle that does not end */
    "tireless",  /* an audio thread that is always late never rests */
    "uncabled",  /* connections outside are made for one server, not for the next */
    "uncounted", /* what JACK tells of being late goes nowhere */
    "faithful",  /* whoever closes a client is waited for */
    "hoarding",  /* each lost server costs a descriptor */
    "littering", /* of each packet that is refused a piece stays behind */
    "lingering", /* notes outlive the connection that they came by */
    "hasty",     /* of who plays and goes at once, the notes stay */
    "spilling",  /* of a burst, what a block has no room for is dropped */
    "haunted",   /* nobody is told that a client which plays is gone */
    "unchecked", /* a blob may be four bytes longer than what is left of its message */
    "blockwise", /* what comes by MIDI is played where a block begins */
    "unplugged", /* nobody sees that a cable to a MIDI input is gone */
    "hanging",   /* a MIDI output that goes leaves on what is on */
    "flooded",   /* nobody minds that an off had no room in a MIDI output */
    "forgiving", /* nobody remembers what was on at a MIDI output when its server died */
    "deaf",      /* nobody sees that a port of others came */
    "greedy",    /* every port fits every pattern */
    "grudging",  /* what was connected once is taken to be there still, though it went and came back */
    "pushy",     /* what somebody has cut is connected again at the next look */
    "heedless",  /* nobody asks whether a client has cut what is about to be connected */
    "nervous",   /* every clock is taken to be where it should be */
    "skipping",  /* a MIDI clock is lost now and then */
    "boundless", /* an event of a MIDI file may be longer than its track */
    "grasping",  /* a voice that is taken for another note ends at once */
    "soiled",    /* what is stopped in a sound keeps what it holds */
    "undying",   /* voices do not end */
    "restless",  /* voices run that have no note */
};
static const char *chosen_flaw;

static const struct mutant *chosen;
static enum mutant_site chosen_site;

static bool choose(const char *wish, unsigned kind, unsigned site)
{
    char name[32];
    snprintf(name, sizeof name, "%s@%s", mutants[kind].kind, sites[site]);
    if (strcmp(name, wish))
        return false;
    chosen = &mutants[kind];
    chosen_site = site;
    if (chosen->prepare)
        chosen->prepare();
    return true;
}

static bool choose_flaw(const char *wish)
{
    for (unsigned i = 0; i < sizeof flaws / sizeof flaws[0]; i++)
        if (strcmp(wish, flaws[i]) == 0) {
            chosen_flaw = flaws[i];
            if (strcmp(wish, "stuck") == 0)
                signal_prepare();
            return true;
        }
    return false;
}

static bool choose_any(const char *wish)
{
    for (unsigned kind = 0; kind < sizeof mutants / sizeof mutants[0]; kind++)
        for (unsigned site = 0; site < sizeof sites / sizeof sites[0]; site++)
            if (choose(wish, kind, site))
                return true;
    return choose_flaw(wish);
}

__attribute__((constructor)) static void mutant_choose(void)
{
    char wishes[64] = "", *rest, *wish;
    const char *given = getenv("DAWD_MUTANT");
    if (given)
        strncpy(wishes, given, sizeof wishes - 1);
    for (wish = strtok_r(wishes, ",", &rest); wish; wish = strtok_r(NULL, ",", &rest))
        if (!choose_any(wish)) {
            fprintf(stderr, "DAWD_MUTANT=%s is unknown\n", wish);
            exit(2);
        }
}

#ifdef DAWD_MUTANTS
void mutant_rt(enum mutant_site site)
{
    if (!chosen || site != chosen_site)
        return;
    chosen->act();
    n_done++;
}

bool mutant_flaw(const char *name)
{
    return chosen_flaw && strcmp(chosen_flaw, name) == 0 && (strcmp(name, "stuck") || is_signalled);
}
#endif
