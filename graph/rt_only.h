/* Included last by every file whose code runs on the audio thread: what could block, allocate or enter the kernel there
 * no longer compiles. The linker's view of the same rule is checked by `make lint`, the run-time view by the system tests.
 *
 * Node files hold a little control code too (init); it takes memory from the node's arena, so it needs none of these.
 */
#pragma once

#undef alloca

#pragma GCC poison malloc calloc realloc reallocarray free aligned_alloc posix_memalign memalign strdup strndup alloca
#pragma GCC poison printf fprintf vprintf vfprintf dprintf puts fputs putchar putc fopen fclose fread fwrite fflush
#pragma GCC poison open openat close read write pread pwrite lseek mmap munmap mlock ioctl poll epoll_wait select
#pragma GCC poison pthread_mutex_lock pthread_mutex_trylock pthread_cond_wait pthread_cond_signal pthread_create
#pragma GCC poison sem_wait sem_post sem_timedwait mtx_lock cnd_wait cnd_signal thrd_create thrd_sleep
#pragma GCC poison sleep usleep nanosleep sched_yield syscall exit abort getenv
