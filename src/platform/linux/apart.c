#include "platform/linux/apart.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STACK_BYTES = 65536 };

/* What there is to do, and what came of it. */
struct apart {
    int (*work)(void *context);
    void *context;
    int result;
};

/* The terminal is let go of: whoever hangs here for ever must not keep a login session. */
static int begin(void *context)
{
    struct apart *const apart = context;
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
    struct apart apart = {.work = work, .context = context, .result = -ENOMEM};
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
