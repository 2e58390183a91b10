#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * One entry point a parser. The same functions serve libFuzzer and the unit test that feeds
 * them the committed corpus:
 *
 *     clang -std=gnu17 -D_GNU_SOURCE -DFUZZ_ENGINE -Isrc -Itests \
 *         -fsanitize=fuzzer,address,undefined tests/fuzz/fuzz_stat.c \
 *         src/platform/linux/parse_*.c src/base/str.c src/base/utf8*.c -o fuzz_stat
 *     ./fuzz_stat -max_total_time=600 tests/fuzz/corpus/stat
 */

/* /proc/PID/stat, statm and io. */
int fuzz_stat(const uint8_t *data, size_t size);

/* /proc/PID/status, smaps and oom_score. */
int fuzz_process_memory(const uint8_t *data, size_t size);

/* /proc/meminfo. */
int fuzz_meminfo(const uint8_t *data, size_t size);

/* /proc/swaps and vmstat, the files of zram and nodes, and ZFS's arcstats. */
int fuzz_memory(const uint8_t *data, size_t size);

/* /proc/stat, cpuinfo and lists of CPUs. */
int fuzz_system_stat(const uint8_t *data, size_t size);

/* /proc/pressure. */
int fuzz_psi(const uint8_t *data, size_t size);

/* /proc/PID/cgroup, the mounts of cgroups in mountinfo, and paths below them. */
int fuzz_cgroup(const uint8_t *data, size_t size);

/* /proc/PID/status, limits, syscall, stack, fdinfo and their like, and /proc/locks. */
int fuzz_inspect(const uint8_t *data, size_t size);

/* /proc/loadavg and uptime. */
int fuzz_loadavg(const uint8_t *data, size_t size);

/* mountinfo and tty/drivers. */
int fuzz_mountinfo(const uint8_t *data, size_t size);

/* /proc/net/dev, snmp and snmp6. */
int fuzz_netdev(const uint8_t *data, size_t size);

/* diskstats and mountinfo. */
int fuzz_storage(const uint8_t *data, size_t size);

/* Lines of /proc/net/tcp, udp, unix and their like. */
int fuzz_net(const uint8_t *data, size_t size);

#ifdef FUZZ_ENGINE
/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
# define FUZZ_MAIN(function)                                   \
  int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) \
  {                                                            \
   return function(data, size);                                \
  }
#else
# define FUZZ_MAIN(function)
#endif

/* A property that must hold for any input; also when assert() is compiled out. */
#define FUZZ_CHECK(condition) \
 do {                         \
  if (!(condition)) {         \
   __builtin_trap();          \
  }                           \
 } while (0)

#endif
