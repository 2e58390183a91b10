#include "check.h"
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Which corpus goes into which entry point. */
static const struct {
    const char *corpus;
    int (*target)(const uint8_t *data, size_t size);
} targets[] = {
    {"stat", fuzz_stat},
    {"meminfo", fuzz_meminfo},
    {"memory", fuzz_memory},
    {"system_stat", fuzz_system_stat},
    {"psi", fuzz_psi},
    {"loadavg", fuzz_loadavg},
    {"mountinfo", fuzz_mountinfo},
    {"cgroup", fuzz_cgroup},
    {"net", fuzz_net},
    {"netdev", fuzz_netdev},
    {"storage", fuzz_storage},
    {"process_memory", fuzz_process_memory},
    {"inspect", fuzz_inspect},
};

/* Feeds a file, and everything it could be cut to, from memory that ends where it ends. */
static void feed(const char *path, int (*target)(const uint8_t *data, size_t size))
{
    enum { MOST = 65536 };
    uint8_t *const data = malloc(MOST);
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_non_null(data);
    assert_true(fd >= 0);
    const ssize_t len = read(fd, data, MOST);
    assert_true(len >= 0);
    close(fd);
    const size_t step = (size_t)len / 512 + 1;
    for (size_t cut = 0; cut <= (size_t)len; cut += step) {
        const size_t size = (size_t)len - cut;
        uint8_t *const copy = malloc(size ? size : 1);
        assert_non_null(copy);
        memcpy(copy, data, size);
        assert_int_equal(target(copy, size), 0);
        free(copy);
    }
    free(data);
}

static void the_corpus_of_every_parser_is_survived(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(targets) / sizeof(*targets); i++) {
        char path[512];
        (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s", targets[i].corpus);
        DIR *const dir = opendir(path);
        assert_non_null(dir);
        size_t files = 0;
        for (const struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
            if (entry->d_name[0] != '.') {
                (void)snprintf(path, sizeof(path), "tests/fuzz/corpus/%s/%s", targets[i].corpus,
                               entry->d_name);
                feed(path, targets[i].target);
                files++;
            }
        }
        closedir(dir);
        assert_true(files > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_corpus_of_every_parser_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
