#include "fuzz/fuzz.h"
#include "platform/linux/parse_proc.h"

/* Pieces of smaps come to the same as the whole, wherever it is cut. */
static void check_smaps(const char *text, size_t size)
{
    struct raw_smaps whole;
    struct raw_smaps parts;
    parse_proc_smaps_init(&whole);
    parse_proc_smaps_init(&parts);
    const size_t used = parse_proc_smaps(text, size, &whole);
    FUZZ_CHECK(used <= size && (used == 0 || text[used - 1] == '\n'));
    const size_t first = parse_proc_smaps(text, size / 2, &parts);
    FUZZ_CHECK(first <= size / 2);
    FUZZ_CHECK(first + parse_proc_smaps(text + first, size - first, &parts) == used);
    FUZZ_CHECK(whole.pss_bytes == parts.pss_bytes && whole.uss_bytes == parts.uss_bytes &&
               whole.swap_pss_bytes == parts.swap_pss_bytes);
}

int fuzz_process_memory(const uint8_t *data, size_t size)
{
    const char *const text = (const char *)data;
    struct raw_status status;
    int32_t number;
    parse_proc_status(text, size, &status);
    (void)parse_proc_number(text, size, &number); // either may be
    check_smaps(text, size);
    return 0;
}

FUZZ_MAIN(fuzz_process_memory)
