#include "platform/linux/parts.h"

#include "base/arena.h"
#include "platform/linux/sockets.h"

#include <errno.h>
#include <string.h>

bool parts_is_scarcity(int error)
{
    return error == -EMFILE || error == -ENFILE || error == -ENOMEM;
}

void parts_note(struct raw_sample *sample, int error)
{
    if (parts_is_scarcity(error)) {
        sample->last_error = error;
    }
}

int parts_read(struct platform *platform, const char *path, struct arena *arena,
               struct raw_sample *sample, struct parts_text *ret)
{
    struct procfs_file *const file = &platform->file;
    const int error = procfs_read_all(platform->proc_fd, path, file);
    if (error) {
        parts_note(sample, error);
        *ret = (struct parts_text){0};
        return 0;
    }
    char *const ptr = arena_alloc(arena, file->len + 1, 1);
    if (!ptr) {
        return -ENOMEM;
    }
    memcpy(ptr, file->ptr, file->len);
    *ret = (struct parts_text){.ptr = ptr, .len = file->len};
    return 0;
}

int procfs_parts(struct platform *platform, unsigned parts, struct arena *arena,
                 struct raw_sample *sample)
{
    static const struct {
        enum sample_part part;
        int (*read)(struct platform *platform, struct arena *arena, struct raw_sample *sample);
    } readers[] = {
        {PART_SOCKETS, procfs_sockets},       {PART_SOCKET_STATES, procfs_socket_states},
        {PART_INTERFACES, netdev_interfaces}, {PART_PROTOCOLS, netdev_protocols},
        {PART_DISKS, disks_devices},          {PART_MOUNTS, disks_mounts},
        {PART_MEMORY, memory_detail},
    };
    int error = 0;
    platform->parts = parts;
    for (size_t i = 0; error == 0 && i < sizeof(readers) / sizeof(*readers); i++) {
        if ((parts & ~sample->parts & readers[i].part) != 0) { // one may have read another's, too
            procfs_progress(platform, 0); // if it hangs, it is not for the last process
            error = readers[i].read(platform, arena, sample);
        }
    }
    return error;
}
