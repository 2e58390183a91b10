#include "platform/linux/apart.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_BYTES = 65536 };

/* What there is to do, and what came of it. */
struct apart {
    int (*work)(void *context);
    void *context;
    pid_t parent;
    int result;
};

/* It ends with us if the kernel lets it at all, and can be told from us where it does not. The
 * terminal is let go of: whoever hangs here for ever must not keep a login session. */
static int begin(void *context)
{
    struct apart *const apart = context;
    (void)syscall(SYS_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
    (void)syscall(SYS_prctl, PR_SET_NAME, "perch-apart", 0, 0, 0);
    if (syscall(SYS_getppid) != apart->parent) {
        return 0; // we have just ended
    }
    for (int fd = 0; fd <= 2; fd++) {
        (void)syscall(SYS_close, fd);
    }
    apart->result = apart->work(apart->context);
    return 0;
}

/* With CLONE_VFORK our thread sleeps until the other is done, so that both can use its memory
 * (errno, too) in turn; and it sleeps so that SIGKILL and the end of the process reach it. */
int apart_do(int (*work)(void *context), void *context)
{
#ifdef __SANITIZE_THREAD__ // its clone() keeps every other thread out until the work is done
    return work(context);
#endif
    struct apart apart = {.work = work, .context = context, .parent = getpid(), .result = -ENOMEM};
    char *const stack = malloc(STACK_BYTES);
    if (!stack) {
        return -ENOMEM;
    }
    const pid_t pid = clone(begin, stack + STACK_BYTES, CLONE_VM | CLONE_VFORK, &apart);
    if (pid < 0) {
        apart.result = work(context);
    } else {
        while (waitpid(pid, NULL, (int)__WCLONE) < 0 && errno == EINTR) {
        }
    }
    free(stack);
    return apart.result;
}
