#include "platform/linux/inspector.h"
#include "platform/linux/parse_inspect.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Open descriptors, by what /proc says of them. The files themselves are never asked: one on a
 * server that is dead would not answer.
 */

/* The text of a descriptor's `fdinfo`; empty when it is gone or refused. */
static struct raw_bytes read_fdinfo(int dir, int32_t fd, char *buf, size_t size)
{
    char path[PROCFS_PATH_BYTES];
    size_t len = 0;
    procfs_path(path, fd, "");
    if (dir < 0 || procfs_read(dir, path, buf, size, &len)) {
        len = 0;
    }
    return (struct raw_bytes){.ptr = buf, .len = (uint32_t)len};
}

/* Errors: -ENOENT when it was closed meanwhile, -ENOMEM. */
static int read_file(const struct inspector *in, int links, int infos, struct raw_file *file)
{
    char buf[4096]; // an epoll descriptor tells of each it watches, but these lines come first
    char path[PROCFS_PATH_BYTES];
    procfs_path(path, file->fd, "");
    const int error = inspector_link(in, links, path, &file->target);
    if (error == -ENOENT || error == -ENOMEM) {
        return error;
    }
    // A path that is too long, say, leaves a descriptor of which the rest is known.
    parse_inspect_fdinfo(read_fdinfo(infos, file->fd, buf, sizeof(buf)), file);
    file->kind = parse_inspect_file_kind(file->target, file->flags, &file->inode);
    return 0;
}

static int read_files(const struct inspector *in, int links, const struct inspector_numbers *fds,
                      struct inspector_files *ret)
{
    struct raw_file *const items = arena_alloc(in->arena, fds->count + 1, sizeof(*items));
    const int infos = openat(in->dir, "fdinfo", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    size_t count = 0;
    int error = items ? 0 : -ENOMEM;
    for (size_t i = 0; error != -ENOMEM && i < fds->count; i++) {
        items[count] = (struct raw_file){.fd = fds->items[i]};
        error = read_file(in, links, infos, &items[count]);
        count += error == 0;
    }
    if (infos >= 0) {
        close(infos);
    }
    *ret = (struct inspector_files){.items = items, .count = count, .cut = fds->cut};
    return error == -ENOMEM ? error : 0;
}

int inspector_files(const struct inspector *in, size_t max, struct inspector_files *ret)
{
    struct inspector_numbers fds = {0};
    const int links = openat(in->dir, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (links < 0) {
        return -errno;
    }
    int error = inspector_list(links, max, &fds);
    if (error == 0) {
        error = read_files(in, links, &fds, ret);
    }
    free(fds.items);
    close(links);
    return error;
}

int inspect_files(const struct inspector *in, struct raw_inspect *ret)
{
    struct inspector_files files = {0};
    const int error = inspector_files(in, INSPECT_FILES_MAX, &files);
    ret->as.files.items = files.items;
    ret->as.files.count = files.count;
    ret->cut = files.cut;
    return error == -ESRCH ? 0 : error; // a zombie has none
}
