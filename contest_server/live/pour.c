/* The same bytes to many sockets, each taking what it can at once, in a thread that needs no interpreter. Loaded by pouring.py. */
#include <errno.h>
#include <poll.h>
#include <sched.h>
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
/* So many places of one flow, then it is the turn of the next. */
enum { PIECE = 256 };

struct flow {
    const char *bytes;
    size_t size;
    int count;
    const int *descriptors; /* of each place; below 0: nothing is written there */
    _Atomic int *went;      /* to each place: WAITING at first */
    int is_short;           /* not all went everywhere */
    int begun;              /* places that were come to */
    struct flow *after;     /* in the line of those that wait for their turn */
};

size_t contest_flow_size(void) { return sizeof(struct flow); }

static int write_one(const struct flow *flow, int place) {
    int waiting = WAITING;
    if (flow->descriptors[place] < 0 || !atomic_compare_exchange_strong(&flow->went[place], &waiting, BEING_WRITTEN)) return 0;
    ssize_t went = send(flow->descriptors[place], flow->bytes, flow->size, MSG_DONTWAIT | MSG_NOSIGNAL);
    atomic_store(&flow->went[place], went < 0 ? 0 : (int)went);
    return went < 0 || (size_t)went != flow->size;
}

static int is_over(struct flow *flow) {
    int end = flow->count - flow->begun > PIECE ? flow->begun + PIECE : flow->count;
    for (; flow->begun < end; flow->begun++) flow->is_short |= write_one(flow, flow->begun);
    return flow->begun == flow->count;
}

static int next_of(int in, struct flow **flow) {
    ssize_t got;
    do got = read(in, flow, sizeof *flow);
    while (got < 0 && errno == EINTR);
    return got == (ssize_t)sizeof *flow;
}

static void tell(int out, struct flow *flow) {
    while (write(out, &flow, sizeof flow) < 0 && errno == EINTR) continue;
}

/* Writes all flows whose addresses come from `in`, in turns, and tells by `out` which are over. Until `in` is closed. */
void contest_pour(int in, int out, int niceness) {
    struct flow *first = NULL, *last = NULL, *flow;
    struct pollfd more = {.fd = in, .events = POLLIN};
#ifdef __linux__ /* elsewhere it is the whole process that would become nicer */
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + niceness);
#else
    (void)niceness;
#endif
    for (;;) {
        if (first == NULL || poll(&more, 1, 0) > 0) {
            if (!next_of(in, &flow)) return;
        } else {
            flow = first;
            first = flow->after;
            if (is_over(flow)) {
                tell(out, flow);
                continue;
            }
        }
        flow->after = NULL;
        if (first == NULL) first = flow;
        else last->after = flow;
        last = flow;
    }
}

/* Nothing is written to this place from now on. Returns how many bytes went there, or TAKEN_BACK: none; waits for a write that has begun. */
int contest_take_back(struct flow *flow, int place) {
    int went = WAITING;
    if (atomic_compare_exchange_strong(&flow->went[place], &went, TAKEN_BACK)) return TAKEN_BACK;
    while (went == BEING_WRITTEN) { /* microseconds, unless the thread has just lost its core */
        sched_yield();
        went = atomic_load(&flow->went[place]);
    }
    return went;
}
