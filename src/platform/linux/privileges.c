#include "platform/linux/privileges.h"

#include "base/str.h"
#include "platform/platform.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

/*
 * Giving up privileges. Root, or a program with file capabilities, keeps the few that reading
 * about other users' processes and acting on them takes, and gets no others any more: neither by
 * itself nor in a program it starts. A set-uid program has no right to its file's owner's
 * privileges in anybody's name, so it keeps none.
 */

#define BIT(capability) (UINT64_C(1) << (capability))

/* For the executables and I/O figures of other users' processes. */
#define FOR_LOOKING (BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_PTRACE))

/* For signals, scheduling, a lower OOM score; for files in /proc and cgroups of others; and for
 * closing connections. */
#define FOR_ACTING                                                                    \
 (BIT(CAP_KILL) | BIT(CAP_SYS_NICE) | BIT(CAP_SYS_RESOURCE) | BIT(CAP_DAC_OVERRIDE) | \
  BIT(CAP_NET_ADMIN))

/*
 * For entering the network namespaces of containers, and for kernel stacks. Not in effect but in
 * the one thread that does it, while it does: a slip elsewhere cannot mount or configure anything.
 * It adds nothing to what
 * somebody who has taken over the program could do, since CAP_SYS_PTRACE is enough for that.
 */
#define IN_RESERVE BIT(CAP_SYS_ADMIN)

int privileges_get(struct privileges *ret)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    if (syscall(SYS_capget, &header, data) < 0) {
        return -errno;
    }
    *ret = (struct privileges){
        .effective = data[0].effective | (uint64_t)data[1].effective << 32,
        .permitted = data[0].permitted | (uint64_t)data[1].permitted << 32,
    };
    return 0;
}

bool privileges_have(unsigned capability)
{
    struct privileges privileges;
    return privileges_get(&privileges) == 0 && (privileges.effective & BIT(capability)) != 0;
}

/* Nothing is inheritable, and so nothing ambient either. */
static int set(const struct privileges *want)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
    for (unsigned i = 0; i < _LINUX_CAPABILITY_U32S_3; i++) {
        data[i] = (struct __user_cap_data_struct){
            .effective = (uint32_t)(want->effective >> 32 * i),
            .permitted = (uint32_t)(want->permitted >> 32 * i),
        };
    }
    return syscall(SYS_capset, &header, data) < 0 ? -errno : 0;
}

/* Of what we have. The reserve is permitted, but not in effect. */
static int keep_only(uint64_t keep, uint64_t reserve)
{
    struct privileges have;
    int error = privileges_get(&have);
    if (error) {
        return error;
    }
    const struct privileges want = {.effective = keep & have.permitted,
                                    .permitted = (keep | reserve) & have.permitted};
    error = set(&want);
    if (error == 0) {
        error = privileges_get(&have);
    }
    return error                                                                  ? error
           : have.permitted == want.permitted && have.effective == want.effective ? 0
                                                                                  : -EPERM;
}

static int put_in_effect(unsigned capability, bool in_effect)
{
    struct privileges now;
    const int error = privileges_get(&now);
    if (error) {
        return error;
    }
    now.effective = (now.effective & ~BIT(capability)) | (in_effect ? BIT(capability) : 0);
    return set(&now);
}

int privileges_raise(unsigned capability)
{
    return put_in_effect(capability, true);
}

int privileges_lower(unsigned capability)
{
    return put_in_effect(capability, false);
}

/* The I/O class real-time took CAP_SYS_ADMIN before Linux 5.14. */
static bool is_before_5_14(void)
{
    struct utsname kernel;
    uint64_t major;
    uint64_t minor;
    if (uname(&kernel) < 0) {
        return false;
    }
    const size_t len = str_take_u64(kernel.release, sizeof(kernel.release), &major);
    if (len == 0 || kernel.release[len] != '.' ||
        str_take_u64(kernel.release + len + 1, sizeof(kernel.release) - len - 1, &minor) == 0) {
        return false;
    }
    return major < 5 || (major == 5 && minor < 14);
}

/* True as *ret_was when the program ran as somebody else than who started it. */
static int become_user(bool *ret_was)
{
    uid_t uids[3];
    gid_t gids[3];
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
        getresgid(&gids[0], &gids[1], &gids[2]) < 0) {
        return -errno;
    }
    *ret_was = uids[0] != uids[1] || uids[0] != uids[2] || gids[0] != gids[1] || gids[0] != gids[2];
    // The group first: without the other user there is no right to change it any more.
    if (*ret_was &&
        (setresgid(gids[0], gids[0], gids[0]) < 0 || setresuid(uids[0], uids[0], uids[0]) < 0)) {
        return -errno;
    }
    return 0;
}

int platform_drop_privileges(bool acting)
{
    bool was_other = false;
    int error = become_user(&was_other);
    if (error) {
        return error;
    }
    uint64_t keep = FOR_LOOKING;
    if (acting && platform_can_act()) {
        keep |= FOR_ACTING | (is_before_5_14() ? BIT(CAP_SYS_ADMIN) : 0);
    }
    // Ambient capabilities are cleared with the inheritable ones, on kernels that have them.
    const bool is_nobody = was_other && getuid() != 0;
    error = keep_only(is_nobody ? 0 : keep, is_nobody ? 0 : IN_RESERVE);
    if (error == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        error = errno == EINVAL ? 0 : -errno; // before Linux 3.5
    }
    return error;
}
