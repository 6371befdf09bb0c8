/* The same bytes to many sockets, each taking what it can at once, in a thread that needs no interpreter. Loaded by pouring.py. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL /* macOS has none; Python ignores SIGPIPE everywhere */
#define MSG_NOSIGNAL 0
#endif

/* Of a place, instead of how many bytes went there. Whoever changes WAITING owns the place: the thread to write, the loop to keep it back. */
enum { WAITING = -1, BEING_WRITTEN = -2, TAKEN_BACK = -3 };

struct flow {
    const char *bytes;
    size_t size;
    int count;
    const int *descriptors; /* of each place; below 0: nothing is written there */
    _Atomic int *went;      /* to each place: WAITING at first */
    int is_short;           /* not all went everywhere */
};

static int write_one(const struct flow *flow, int place) {
    int waiting = WAITING;
    if (flow->descriptors[place] < 0 || !atomic_compare_exchange_strong(&flow->went[place], &waiting, BEING_WRITTEN)) return 0;
    ssize_t went = send(flow->descriptors[place], flow->bytes, flow->size, MSG_DONTWAIT | MSG_NOSIGNAL);
    atomic_store(&flow->went[place], went < 0 ? 0 : (int)went);
    return went < 0 || (size_t)went != flow->size;
}

static int next_of(int in, struct flow **flow) {
    ssize_t got;
    do got = read(in, flow, sizeof *flow);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *flow;
}

/* Writes one flow after the other: whose addresses come from `in`, and leave by `out` when they are over. Until `in` is closed. */
void contest_pour(int in, int out, int niceness) {
    struct flow *flow;
#ifdef __linux__ /* elsewhere it is the whole process that would become nicer */
    setpriority(PRIO_PROCESS, 0, niceness);
#else
    (void)niceness;
#endif
    while (next_of(in, &flow)) {
        int is_short = 0;
        for (int place = 0; place < flow->count; place++) is_short |= write_one(flow, place);
        flow->is_short = is_short;
        if (write(out, &flow, sizeof flow) != (ssize_t)sizeof flow) return;
    }
}

/* Nothing is written to this place from now on. Returns how many bytes went there, or TAKEN_BACK: none; waits for a write that has begun. */
int contest_take_back(struct flow *flow, int place) {
    int went = WAITING;
    if (atomic_compare_exchange_strong(&flow->went[place], &went, TAKEN_BACK)) return TAKEN_BACK;
    while (went == BEING_WRITTEN) went = atomic_load(&flow->went[place]); /* a write that does not block takes microseconds */
    return went;
}
