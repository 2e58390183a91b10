#include "fuzz/fuzz.h"
#include "platform/linux/parse_system.h"

int fuzz_psi(const uint8_t *data, size_t size)
{
    struct raw_pressure p;
    parse_system_pressure((const char *)data, size, &p);
    const double shares[] = {p.some_10s, p.some_60s, p.some_300s,
                             p.full_10s, p.full_60s, p.full_300s};
    for (size_t i = 0; i < sizeof(shares) / sizeof(*shares); i++) {
        FUZZ_CHECK(shares[i] >= 0.0 && shares[i] <= 1.0);
    }
    return 0;
}

FUZZ_MAIN(fuzz_psi)
