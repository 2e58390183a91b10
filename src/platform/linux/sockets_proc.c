#include "base/arena.h"
#include "platform/linux/parse_net.h"
#include "platform/linux/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/*
 * Sockets from the files in /proc/net, piece by piece: such a file has no end of its own size,
 * and the kernel writes whole lines into what it is given.
 *
 * The name of a unix socket is written as it is, line breaks and all, so what follows one may look
 * like the line of a socket that does not exist. Names are short: a line that is too long to be
 * the rest of the name before it is certain. The others are doubtful. They are dropped when their
 * inode belongs to a certain one, and, by who called, when nobody turns out to hold them.
 */

enum { UNIX_NAME_MAX = 108 }; // sun_path, see unix(7)

/* One file being read. */
struct file {
    const struct socket_source *source;
    struct socket_list *list;
    size_t name_used; // at least so many bytes of a name were read that may go on
};

/* Notes how far a name may go on behind this line. True when the line may itself be part of one. */
static bool follow_names(struct file *file, size_t len, const struct raw_bytes *path)
{
    const size_t used = file->name_used + 1 + len; // with the line break
    const bool is_doubtful = used <= UNIX_NAME_MAX;
    file->name_used = path && path->ptr ? path->len : is_doubtful ? used : UNIX_NAME_MAX;
    return is_doubtful;
}

/* Adds what a line says, if it says anything. */
static int add_line(struct file *file, const char *line, size_t len)
{
    const struct socket_source *const source = file->source;
    struct socket_list *const list = file->list;
    struct raw_socket socket;
    const int error = source->family
                          ? parse_net_inet(line, len, source->protocol, source->family, &socket)
                          : parse_net_unix(line, len, &socket);
    const bool is_doubtful = follow_names(file, len, error ? NULL : &socket.path);
    if (error) {
        return 0;
    }
    socket.is_doubtful = is_doubtful && socket.protocol == SOCKET_UNIX;
    if (socket.path.len > 0) {
        char *const path = socket_list_copy(list, socket.path.ptr, socket.path.len);
        if (!path) {
            return -ENOMEM;
        }
        if (path[0] == '@') {
            path[0] = '\0'; // how it is in truth; a path that does begin with "@" cannot be told
        }
        socket.path.ptr = path;
    }
    struct raw_socket *const slot = socket_list_next(list);
    if (!slot) {
        return -ENOMEM;
    }
    *slot = socket;
    list->count++;
    return 0;
}

/* Adds the whole lines of a buffer; the bytes behind the last one go to its front. */
static int add_lines(struct file *file, char *buf, size_t *len)
{
    const char *at = buf;
    const char *const end = buf + *len;
    int error = 0;
    while (error == 0) {
        const char *const line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end) {
            break;
        }
        error = add_line(file, at, (size_t)(line_end - at));
        at = line_end + 1;
    }
    *len = (size_t)(end - at);
    memmove(buf, at, *len);
    return error;
}

int sockets_proc_read(int proc_fd, const struct socket_source *source, char *buf, size_t size,
                      struct socket_list *list)
{
    const int fd = openat(proc_fd, source->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    struct file file = {.source = source, .list = list, .name_used = UNIX_NAME_MAX};
    size_t len = 0;
    int error = 0;
    while (error == 0) {
        if (len == size) {
            len = 0; // nothing that long is a line of these files
        }
        const ssize_t got = read(fd, buf + len, size - len);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            error = got < 0 ? -errno : 0;
            break;
        }
        len += (size_t)got;
        error = add_lines(&file, buf, &len);
    }
    close(fd);
    return error;
}

/* --- who is it really? ------------------------------------------------------------------------ */

/* A row by its inode. */
struct claim {
    uint64_t inode;
    struct raw_socket *socket;
};

static int compare_claims(const void *a, const void *b)
{
    const struct claim *const left = a;
    const struct claim *const right = b;
    return left->inode < right->inode ? -1 : left->inode > right->inode;
}

static bool says_the_same(const struct raw_socket *a, const struct raw_socket *b)
{
    return a->netns == b->netns && a->state == b->state && a->path.len == b->path.len &&
           (a->path.len == 0 || memcmp(a->path.ptr, b->path.ptr, a->path.len) == 0);
}

/*
 * All rows with one inode, some of them doubtful. When a certain one is among them, the others are
 * false. Otherwise one may be true, and nobody can tell which; but there is such a socket.
 */
static void settle(const struct claim *claims, size_t count)
{
    bool is_certain = false;
    bool is_agreed = true;
    for (size_t i = 0; i < count; i++) {
        is_certain |= !claims[i].socket->is_doubtful;
        is_agreed = is_agreed && says_the_same(claims[0].socket, claims[i].socket);
    }
    for (size_t i = 0; i < count; i++) {
        struct raw_socket *const socket = claims[i].socket;
        if (socket->is_doubtful && is_certain) {
            socket->protocol = SOCKET_PROTOCOL_COUNT; // to be taken out
        } else if (!is_certain && !is_agreed) {
            socket->path = (struct raw_bytes){0};
            socket->state = SOCKET_STATE_UNKNOWN;
        }
    }
}

static void take_out(struct socket_list *list, bool all_doubtful)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        const struct raw_socket *const socket = &list->items[i];
        if (socket->protocol != SOCKET_PROTOCOL_COUNT && !(all_doubtful && socket->is_doubtful)) {
            socket_list_keep(list, i, &kept);
        }
    }
    list->count = kept;
}

int sockets_proc_settle(struct socket_list *list)
{
    size_t doubtful = 0;
    for (size_t i = 0; i < list->count; i++) {
        doubtful += list->items[i].is_doubtful;
    }
    if (doubtful == 0) {
        return 0;
    }
    struct claim *const claims = arena_alloc(list->arena, list->count, sizeof(*claims));
    if (!claims) {
        take_out(list, true);
        return -ENOMEM;
    }
    for (size_t i = 0; i < list->count; i++) {
        claims[i] = (struct claim){.inode = list->items[i].inode, .socket = &list->items[i]};
    }
    qsort(claims, list->count, sizeof(*claims), compare_claims);
    for (size_t first = 0; first < list->count;) {
        size_t end = first + 1;
        while (end < list->count && claims[end].inode == claims[first].inode) {
            end++;
        }
        if (end - first > 1 && claims[first].inode) {
            settle(&claims[first], end - first);
        }
        first = end;
    }
    take_out(list, false);
    return 0;
}
