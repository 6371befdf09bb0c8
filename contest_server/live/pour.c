/* The same bytes to many sockets, each taking what it can at once. Loaded by pouring.py, which does the same where this was not compiled. */
#include <errno.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/types.h>

#ifndef MSG_NOSIGNAL /* macOS has none; Python ignores SIGPIPE everywhere */
#define MSG_NOSIGNAL 0
#endif

/* Writes `size` bytes to each of `count` descriptors. `taken[i]` becomes how many went, 0 where none did for whatever reason.
 * A descriptor below 0 is passed over, and nothing went. Returns to how many not all went. */
int contest_pour(const int *descriptors, int count, const char *bytes, size_t size, int *taken) {
    int short_of_all = 0;
    for (int each = 0; each < count; each++) {
        ssize_t went = descriptors[each] < 0 ? 0 : send(descriptors[each], bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
        taken[each] = went < 0 ? 0 : (int)went;
        short_of_all += (size_t)taken[each] != size;
    }
    return short_of_all;
}
