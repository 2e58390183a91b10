#include "ui/typed.h"

static const uint64_t expire_ns = 1000 * 1000 * 1000;
static const uint64_t longest = 1000ull * 1000 * 1000; // no pid or port has more digits

bool typed_take(struct typed *typed, struct key key, uint64_t now_ns)
{
    if (key.code < '0' || key.code > '9' || (key.mods & (MOD_CTRL | MOD_ALT)) != 0) {
        typed->until_ns = 0;
        return false;
    }
    bool fresh = now_ns >= typed->until_ns || typed->number >= longest;
    typed->number = (fresh ? 0 : typed->number * 10) + (key.code - '0');
    typed->until_ns = now_ns + expire_ns;
    return true;
}

bool typed_begins(const struct typed *typed, uint64_t number)
{
    while (number > typed->number) {
        number /= 10;
    }
    return number == typed->number && number > 0;
}
