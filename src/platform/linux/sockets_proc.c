#include "platform/linux/parse_net.h"
#include "platform/linux/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * Sockets from the files in /proc/net, piece by piece: such a file has no end of its own size,
 * and the kernel writes whole lines into what it is given.
 */

/* Adds what a line says, if it says anything. */
static int add_line(const struct socket_source *source, const char *line, size_t len,
                    struct socket_list *list)
{
    struct raw_socket socket;
    const int error = source->family
                          ? parse_net_inet(line, len, source->protocol, source->family, &socket)
                          : parse_net_unix(line, len, &socket);
    if (error) {
        return 0;
    }
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
static int add_lines(const struct socket_source *source, char *buf, size_t *len,
                     struct socket_list *list)
{
    const char *at = buf;
    const char *const end = buf + *len;
    int error = 0;
    while (error == 0) {
        const char *const line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end) {
            break;
        }
        error = add_line(source, at, (size_t)(line_end - at), list);
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
        error = add_lines(source, buf, &len, list);
    }
    close(fd);
    return error;
}
