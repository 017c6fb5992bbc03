/* Watches the audio thread of an ordinary, unmodified daemon from inside: a library for LD_PRELOAD.
 *
 *   jack_set_process_callback   wraps the callback, so that a thread knows when it is inside the window
 *   malloc, free                what the program holds, so that a leak shows whatever the heap has room for
 *   malloc, free, locks, stdio, files, sleeping …   are counted inside the window and then done as always
 *   syscall                     is how workers of --threads wait for their call: a worker is inside while it does not
 *   a seccomp filter on these threads alone    sends every system call but futex to a handler that counts it and then
 *                                                   does it: third-party code and raw system calls show too
 *
 * The result is the file named by DAWD_RTGATE, mapped (rtgate.h). x86-64 only: the trampolines and the repeated system call
 * are written in its instructions.
 */
#include "tests/system/rtgate.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <jack/jack.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/ucontext.h>
#include <unistd.h>
#include <xmmintrin.h>

#define FLUSH_BITS 0x8040u /* FTZ and DAZ in MXCSR */

static struct rtgate nowhere, *gate = &nowhere;
static __thread bool in_window __attribute__((tls_model("initial-exec")));
static __thread bool watched __attribute__((tls_model("initial-exec")));

static void accuse(unsigned row, const char *what, const void *caller)
{
    Dl_info from;
    if (atomic_exchange(&gate->accused[row], 1))
        return;
    if (!dladdr(caller, &from) || !from.dli_fname)
        from = (Dl_info){.dli_fname = "?"};
    snprintf(gate->culprit[row], RTGATE_CULPRIT_BYTES, "%s from %s+0x%tx", what, from.dli_fname,
             (const char *)caller - (const char *)from.dli_fbase);
}

static void note(enum rtgate_kind kind, const char *what, const void *caller)
{
    if (!in_window)
        return;
    in_window = false;
    atomic_fetch_add(&gate->calls[kind], 1);
    accuse(kind, what, caller);
    in_window = true;
}

/* ---- memory: glibc's own names, since looking them up allocates ----------------------------------------------------- */

extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

#define NOTE(kind) note(kind, __func__, __builtin_return_address(0))

static int64_t size_of(void *memory)
{
    return memory ? (int64_t)malloc_usable_size(memory) : 0;
}

static void *taken(void *memory)
{
    atomic_fetch_add(&gate->held_bytes, size_of(memory));
    return memory;
}

void *malloc(size_t size)
{
    NOTE(RTGATE_ALLOC);
    return taken(__libc_malloc(size));
}

void *calloc(size_t n, size_t size)
{
    NOTE(RTGATE_ALLOC);
    return taken(__libc_calloc(n, size));
}

void *realloc(void *old, size_t size)
{
    NOTE(RTGATE_ALLOC);
    int64_t was = size_of(old);
    void *memory = __libc_realloc(old, size);
    if (memory || !size) /* where there is no more, the old one stays */
        atomic_fetch_sub(&gate->held_bytes, was);
    return taken(memory);
}

void *aligned_alloc(size_t align, size_t size)
{
    NOTE(RTGATE_ALLOC);
    return taken(__libc_memalign(align, size));
}

void *memalign(size_t align, size_t size)
{
    NOTE(RTGATE_ALLOC);
    return taken(__libc_memalign(align, size));
}

int posix_memalign(void **memory, size_t align, size_t size)
{
    NOTE(RTGATE_ALLOC);
    *memory = taken(__libc_memalign(align, size));
    return *memory ? 0 : 12;
}

void free(void *memory)
{
    NOTE(RTGATE_FREE);
    atomic_fetch_sub(&gate->held_bytes, size_of(memory));
    __libc_free(memory);
}

/* ---- everything else: one trampoline per name, which leaves all arguments as they are -------------------------------- */

/* clang-format off */
#define FORBIDDEN(X)                                                                                                        \
    X(LOCK, pthread_mutex_lock) X(LOCK, pthread_mutex_trylock) X(LOCK, pthread_mutex_timedlock)                             \
    X(LOCK, pthread_rwlock_rdlock) X(LOCK, pthread_rwlock_wrlock) X(LOCK, pthread_spin_lock) X(LOCK, mtx_lock)              \
    X(LOCK, pthread_cond_wait) X(LOCK, pthread_cond_timedwait) X(LOCK, pthread_cond_signal)                                 \
    X(LOCK, pthread_cond_broadcast) X(LOCK, sem_wait) X(LOCK, sem_trywait) X(LOCK, sem_timedwait) X(LOCK, sem_post)         \
    X(LOCK, pthread_create) X(LOCK, pthread_join) X(LOCK, pthread_once) X(LOCK, dlopen)                                     \
    X(SLEEP, sleep) X(SLEEP, usleep) X(SLEEP, nanosleep) X(SLEEP, clock_nanosleep) X(SLEEP, sched_yield)                    \
    X(IO, printf) X(IO, fprintf) X(IO, vprintf) X(IO, vfprintf) X(IO, dprintf) X(IO, puts) X(IO, fputs) X(IO, putchar)      \
    X(IO, fputc) X(IO, perror) X(IO, fopen) X(IO, fclose) X(IO, fread) X(IO, fwrite) X(IO, fflush) X(IO, fseek)             \
    X(IO, __printf_chk) X(IO, __fprintf_chk) X(IO, __vfprintf_chk) X(IO, syslog) X(IO, getenv)                              \
    X(IO, open) X(IO, openat) X(IO, close) X(IO, read) X(IO, write) X(IO, readv) X(IO, writev) X(IO, pread) X(IO, pwrite)   \
    X(IO, lseek) X(IO, fsync) X(IO, fdatasync) X(IO, ioctl) X(IO, fcntl) X(IO, poll) X(IO, ppoll) X(IO, select)             \
    X(IO, epoll_wait) X(IO, mmap) X(IO, munmap) X(IO, mremap) X(IO, madvise) X(IO, mprotect) X(IO, mlock)                   \
    X(IO, socket) X(IO, connect) X(IO, send) X(IO, sendto) X(IO, sendmsg) X(IO, sendmmsg) X(IO, recv) X(IO, recvfrom)       \
    X(IO, recvmsg) X(IO, recvmmsg) X(IO, eventfd_write)
/* clang-format on */

struct forbidden {
    void *real;
    const char *name;
    enum rtgate_kind kind;
};

/* Condition variables have two versions, and without its version the loader hands out the older one. */
static void *find(const char *name)
{
    void *real = strncmp(name, "pthread_cond_", 13) ? NULL : dlvsym(RTLD_NEXT, name, "GLIBC_2.3.2");
    return real ? real : dlsym(RTLD_NEXT, name);
}

/* Called by the trampolines below, which have not saved the vector registers: counts, and returns the real function. */
__attribute__((visibility("hidden"), target("general-regs-only"))) void *rtgate_enter(struct forbidden *f, void *caller);

__attribute__((used)) void *rtgate_enter(struct forbidden *f, void *caller)
{
    note(f->kind, f->name, caller);
    if (!f->real)
        f->real = find(f->name);
    return f->real;
}

__asm__("rtgate_trampoline:\n"
        "  push %rax\n push %rdi\n push %rsi\n push %rdx\n push %rcx\n push %r8\n push %r9\n"
        "  mov %r11, %rdi\n  mov 56(%rsp), %rsi\n  call rtgate_enter\n  mov %rax, %r11\n"
        "  pop %r9\n pop %r8\n pop %rcx\n pop %rdx\n pop %rsi\n pop %rdi\n pop %rax\n"
        "  jmp *%r11\n");

#define TRAMPOLINE(word, function)                                                                                         \
    __attribute__((used, visibility("hidden"))) struct forbidden forbidden_##function = {NULL, #function, RTGATE_##word};  \
    __asm__(".globl " #function "\n.type " #function ", @function\n" #function ":\n"                                       \
            "  lea forbidden_" #function "(%rip), %r11\n  jmp rtgate_trampoline\n");
FORBIDDEN(TRAMPOLINE)

/* ---- system calls ---------------------------------------------------------------------------------------------------- */

/* Does a system call from the one place that the filter lets through. */
long rtgate_syscall(long number, long a, long b, long c, long d, long e, long f);
extern const char rtgate_syscall_return[];
__asm__("rtgate_syscall:\n"
        "  mov %rdi, %rax\n mov %rsi, %rdi\n mov %rdx, %rsi\n mov %rcx, %rdx\n mov %r8, %r10\n mov %r9, %r8\n"
        "  mov 8(%rsp), %r9\n  syscall\n"
        "rtgate_syscall_return:\n  ret\n");

static void on_trap(int signal_number, siginfo_t *info, void *context)
{
    (void)signal_number;
    greg_t *r = ((ucontext_t *)context)->uc_mcontext.gregs;
    long number = info->si_syscall;
    unsigned row = number < RTGATE_SYSCALLS ? (unsigned)number : RTGATE_SYSCALLS - 1;
    bool inside = in_window;
    in_window = false;
    atomic_fetch_add(inside ? &gate->inside[row] : &gate->outside[row], 1);
    if (inside) {
        char what[32];
        snprintf(what, sizeof what, "system call %ld", number);
        accuse(RTGATE_KINDS, what, (const void *)r[REG_RIP]);
    }
    in_window = inside;
    r[REG_RAX] = rtgate_syscall(number, r[REG_RDI], r[REG_RSI], r[REG_RDX], r[REG_R10], r[REG_R8], r[REG_R9]);
}

#define LOAD(field)      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define LOAD_HIGH(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field) + 4)
#define ALLOW_IF(number) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

/* futex is how JACK waits for the next cycle; the others end a signal handler and the thread, with all signals blocked. */
static bool filter_install(void)
{
    uint64_t ours = (uint64_t)(uintptr_t)rtgate_syscall_return;
    struct sock_filter filter[] = {
        LOAD(instruction_pointer),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)ours, 0, 3),
        LOAD_HIGH(instruction_pointer),
        ALLOW_IF((uint32_t)(ours >> 32)),
        LOAD(nr),
        ALLOW_IF(SYS_futex),
        ALLOW_IF(SYS_rt_sigreturn),
        ALLOW_IF(SYS_rt_sigprocmask),
        ALLOW_IF(SYS_madvise),
        ALLOW_IF(SYS_munmap),
        ALLOW_IF(SYS_exit),
        ALLOW_IF(SYS_exit_group),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
    };
    struct sock_fprog program = {sizeof filter / sizeof filter[0], filter};
    sigset_t trap;
    sigemptyset(&trap);
    sigaddset(&trap, SIGSYS);
    pthread_sigmask(SIG_UNBLOCK, &trap, NULL);
    return !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) && !prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

/* ---- the stack ------------------------------------------------------------------------------------------------------- */

#define PAINT       0xa5
#define PAINT_BYTES (256 << 10) /* of the 512 KiB that JACK gives: the bound is half of this */
#define LOOK_EVERY  32          /* cycles */

static __thread unsigned char *paint_low __attribute__((tls_model("initial-exec")));
static __thread unsigned char *stack_top __attribute__((tls_model("initial-exec")));

/* Paints what lies below; nothing but a signal uses it before process is called. */
__attribute__((noinline)) static void stack_paint(void)
{
    unsigned char area[PAINT_BYTES];
    pthread_attr_t attributes;
    void *low;
    size_t bytes;
    if (pthread_getattr_np(pthread_self(), &attributes))
        return;
    pthread_attr_getstack(&attributes, &low, &bytes);
    pthread_attr_destroy(&attributes);
    memset(area, PAINT, sizeof area);
    __asm__ volatile("" : : "r"(area) : "memory");
    paint_low = (unsigned char *)(uintptr_t)area;
    stack_top = (unsigned char *)low + bytes;
    atomic_store(&gate->stack_bytes, bytes);
}

static void stack_look(void)
{
    const unsigned char *at = paint_low;
    while (at && at < paint_low + PAINT_BYTES && *(volatile const unsigned char *)at == PAINT)
        at++;
    uint64_t used = at ? (uint64_t)(stack_top - at) : 0;
    if (used > atomic_load(&gate->stack_used_bytes))
        atomic_store(&gate->stack_used_bytes, used);
}

/* ---- the window ------------------------------------------------------------------------------------------------------ */

struct wrapped {
    JackProcessCallback process;
    void *argument;
};

static void thread_watch(void)
{
    watched = true;
    atomic_fetch_add(&gate->threads, 1);
    atomic_fetch_add(&gate->trapping, filter_install());
}

static int window(jack_nframes_t n_frames, void *argument)
{
    struct wrapped *wrapped = argument;
    if (!watched) {
        stack_paint();
        thread_watch();
        atomic_store(&gate->tid, (int32_t)rtgate_syscall(SYS_gettid, 0, 0, 0, 0, 0, 0));
    }
    in_window = true;
    int result = wrapped->process(n_frames, wrapped->argument);
    in_window = false;
    if ((_mm_getcsr() & FLUSH_BITS) != FLUSH_BITS)
        atomic_fetch_add(&gate->denormal_cycles, 1);
    if (atomic_fetch_add(&gate->cycles, 1) % LOOK_EVERY == 0)
        stack_look();
    return result;
}

int jack_set_process_callback(jack_client_t *client, JackProcessCallback process, void *argument)
{
    int (*real)(jack_client_t *, JackProcessCallback, void *) = dlsym(RTLD_NEXT, "jack_set_process_callback");
    struct wrapped *wrapped = malloc(sizeof *wrapped); /* lives as long as the program: a few bytes for each reconnection */
    *wrapped = (struct wrapped){process, argument};
    return real(client, window, wrapped);
}

/* A thread gets its name a moment after it has begun: until it has a worker's, it is looked at again. */
static bool is_worker(void)
{
    static __thread bool is_one __attribute__((tls_model("initial-exec")));
    char name[16];
    if (!is_one && !watched && !prctl(PR_GET_NAME, name))
        is_one = strncmp(name, "dawd-work", 9) == 0;
    return is_one;
}

/* Waking others by a futex never waits, and waiting is what workers do at the end of their window; all else is an offence. */
long syscall(long number, ...)
{
    long a[6];
    va_list more;
    va_start(more, number);
    for (unsigned i = 0; i < 6; i++)
        a[i] = va_arg(more, long);
    va_end(more);
    int operation = number == SYS_futex ? (int)a[1] & FUTEX_CMD_MASK : -1;
    bool ends_turn = operation == FUTEX_WAIT && is_worker();
    if (operation != FUTEX_WAKE && !ends_turn)
        note(operation == FUTEX_WAIT ? RTGATE_LOCK : RTGATE_IO, __func__, __builtin_return_address(0));
    if (ends_turn && !watched)
        thread_watch();
    in_window = in_window && !ends_turn;
    long result = rtgate_syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
    in_window = in_window || ends_turn;
    if (result >= 0 || result < -4095)
        return result;
    errno = (int)-result;
    return -1;
}

__attribute__((constructor)) static void open_gate(void)
{
#define RESOLVE(word, function) forbidden_##function.real = find(#function);
    FORBIDDEN(RESOLVE)
    const char *path = getenv("DAWD_RTGATE");
    int fd = path ? open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (fd < 0 || ftruncate(fd, sizeof *gate))
        return;
    void *mapped = mmap(NULL, sizeof *gate, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    if (mapped == MAP_FAILED)
        return;
    memset(mapped, 0, sizeof *gate);
    gate = mapped;
    struct sigaction action = {.sa_sigaction = on_trap, .sa_flags = SA_SIGINFO | SA_RESTART};
    sigaction(SIGSYS, &action, NULL);
}
