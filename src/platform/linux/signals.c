#include "platform/platform.h"

#include <signal.h>

/*
 * Signal numbers differ between architectures, so rows are placed by number. The first
 * real-time ones belong to the C library, which therefore says where they start only at run
 * time; both libraries have never said anything else than this.
 */
#ifdef __GLIBC__
enum { RT_FIRST = 34, RT_LAST = 64 };
#else
enum { RT_FIRST = 35, RT_LAST = 64 };
#endif

enum { STANDARD_LAST = 31 };

#define SIGNAL(name, help) [SIG##name - 1] = {SIG##name, #name, help}
#define RT_UP(n) [STANDARD_LAST + (n)] = {RT_FIRST + (n), "RTMIN+" #n, "real-time"}
#define RT_DOWN(n) \
 [STANDARD_LAST + RT_LAST - RT_FIRST - (n)] = {RT_LAST - (n), "RTMAX-" #n, "real-time"}

static const struct platform_signal signals[] = {
    SIGNAL(HUP, "terminal closed, or reload"),
    SIGNAL(INT, "interrupt (Ctrl-C)"),
    SIGNAL(QUIT, "quit with a core dump"),
    SIGNAL(ILL, "illegal instruction"),
    SIGNAL(TRAP, "trace or breakpoint"),
    SIGNAL(ABRT, "abort with a core dump"),
    SIGNAL(BUS, "bad memory access"),
    SIGNAL(FPE, "arithmetic error"),
    SIGNAL(KILL, "end at once, cannot be caught"),
    SIGNAL(USR1, "meaning up to the program"),
    SIGNAL(SEGV, "invalid memory reference"),
    SIGNAL(USR2, "meaning up to the program"),
    SIGNAL(PIPE, "write to a closed pipe"),
    SIGNAL(ALRM, "timer ran out"),
    SIGNAL(TERM, "ask to end"),
#ifdef SIGSTKFLT
    SIGNAL(STKFLT, "stack fault (unused)"),
#endif
#ifdef SIGEMT
    SIGNAL(EMT, "emulator trap"),
#endif
    SIGNAL(CHLD, "child stopped or ended"),
    SIGNAL(CONT, "continue when stopped"),
    SIGNAL(STOP, "stop, cannot be caught"),
    SIGNAL(TSTP, "stop as by Ctrl-Z"),
    SIGNAL(TTIN, "read in the background"),
    SIGNAL(TTOU, "write in the background"),
    SIGNAL(URG, "urgent data on a socket"),
    SIGNAL(XCPU, "CPU time limit exceeded"),
    SIGNAL(XFSZ, "file size limit exceeded"),
    SIGNAL(VTALRM, "virtual timer ran out"),
    SIGNAL(PROF, "profiling timer ran out"),
    SIGNAL(WINCH, "window size changed"),
    SIGNAL(IO, "input or output is possible"),
    SIGNAL(PWR, "power failure"),
    SIGNAL(SYS, "bad system call"),
    [STANDARD_LAST] = {RT_FIRST, "RTMIN", "real-time"},
    RT_UP(1),
    RT_UP(2),
    RT_UP(3),
    RT_UP(4),
    RT_UP(5),
    RT_UP(6),
    RT_UP(7),
    RT_UP(8),
    RT_UP(9),
    RT_UP(10),
    RT_UP(11),
    RT_UP(12),
    RT_UP(13),
    RT_UP(14),
    RT_UP(15),
#ifdef __GLIBC__
    RT_DOWN(14),
#endif
    RT_DOWN(13),
    RT_DOWN(12),
    RT_DOWN(11),
    RT_DOWN(10),
    RT_DOWN(9),
    RT_DOWN(8),
    RT_DOWN(7),
    RT_DOWN(6),
    RT_DOWN(5),
    RT_DOWN(4),
    RT_DOWN(3),
    RT_DOWN(2),
    RT_DOWN(1),
    [STANDARD_LAST + RT_LAST - RT_FIRST] = {RT_LAST, "RTMAX", "real-time"},
};

#undef SIGNAL
#undef RT_UP
#undef RT_DOWN

const struct platform_signal *platform_signals(size_t *ret_count)
{
    *ret_count = sizeof(signals) / sizeof(*signals);
    return signals;
}
