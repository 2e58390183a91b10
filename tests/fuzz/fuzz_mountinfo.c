#include "fuzz/fuzz.h"
#include "platform/linux/parse_system.h"

#include <string.h>

int fuzz_mountinfo(const uint8_t *data, size_t size)
{
    enum { ROOM = 8 };
    const char *const text = (const char *)data;
    enum raw_hidepid hidepid = RAW_HIDEPID_OFF;
    const bool found = parse_system_hidepid(text, size, "/proc", &hidepid);
    FUZZ_CHECK(found || hidepid == RAW_HIDEPID_OFF);
    struct parse_tty ttys[ROOM];
    const size_t count = parse_system_tty(text, size, ttys, ROOM);
    FUZZ_CHECK(count <= ROOM);
    for (size_t i = 0; i < count; i++) {
        char name[8] = "";
        FUZZ_CHECK(memchr(ttys[i].name, '\0', sizeof(ttys[i].name)));
        (void)parse_system_tty_name(&ttys[i], 0x8803, name, sizeof(name));
        FUZZ_CHECK(memchr(name, '\0', sizeof(name)));
    }
    return 0;
}

FUZZ_MAIN(fuzz_mountinfo)
