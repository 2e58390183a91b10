#include "fuzz/fuzz.h"
#include "platform/linux/parse_proc.h"

int fuzz_stat(const uint8_t *data, size_t size)
{
    static const struct parse_units units = {.tick_ns = 10000000, .page_bytes = 4096};
    const char *const text = (const char *)data;
    struct raw_proc proc = {0};
    if (parse_proc_stat(text, size, &units, &proc) == 0) {
        FUZZ_CHECK(proc.id.pid > 0);
        FUZZ_CHECK(proc.have == FACT_IDENT);
        FUZZ_CHECK(proc.name.ptr > text && proc.name.ptr + proc.name.len < text + size);
    }
    uint64_t a;
    uint64_t b;
    (void)parse_proc_statm(text, size, 4096, &a, &b);
    (void)parse_proc_io(text, size, &a, &b);
    return 0;
}

FUZZ_MAIN(fuzz_stat)
