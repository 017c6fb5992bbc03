/* Which thread may call: every prototype of the project carries one of these words.
 *
 * The thread also shows in the file's name (x.c control, x_rt.c real-time, x_load.c loader, x_disk.c disk) and, wherever there
 * is state, in the type of the first argument (struct ctl *, struct engine_rt *), so that a call from the wrong thread does not
 * compile. On a pointer to a function the word tells who will call what is put there.
 *
 * Who owns what is said in three words: a function borrows what it uses until it returns, keeps what it goes on using (the
 * caller sees to it that it lives), and takes what it will free.
 *
 * The words DAWD_... expand to nothing. `make lint` checks that no prototype in a header is without one.
 */
#pragma once

#define DAWD_CTL  /* the control thread: owns model, transactions, clients; may allocate, must not block for long */
#define DAWD_RT   /* the audio thread: bounded time, no allocation, lock, system call or page fault */
#define DAWD_LOAD /* a loader thread: decodes and prepares what a job carries; touches neither model nor engine */
#define DAWD_DISK /* the disk thread: writes and closes sound files; may wait for a disk, decides nothing */
#define DAWD_JACK /* the JACK manager thread: opens and closes the client, registers and connects ports; may wait */
#define DAWD_ANY  /* any thread: pure functions, or state that is safe to share */
