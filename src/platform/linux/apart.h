#ifndef PLATFORM_LINUX_APART_H
#define PLATFORM_LINUX_APART_H

/*
 * Work that may come to hang where no signal reaches it: in a FUSE server that has taken the
 * question and never answers. A thread that hangs there keeps its whole process from ending, for
 * ever. So such work is done in a process of its own that shares our memory, and the thread waits
 * for that, which ends when perch does.
 */

/*
 * Do it and wait. `work` may use memory and make system calls, best by syscall(2) so that no library
 * keeps books of it; it has a copy of the descriptors without 0 to 2, and must not allocate.
 * Errors: what `work` gave (0 or a negative errno), -ENOMEM. Where no process can be made the
 * thread does it itself. Thread: any, several at once. May never return.
 */
int apart_do(int (*work)(void *context), void *context);

#endif
