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

#include "ring.h"

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

/* How the thread sends: by the ring, or one by one where there is none. */
struct way {
    struct ring ring;
    int has_ring;
};

static void close_way(struct way *way) {
    if (way->has_ring) close_ring(&way->ring);
    way->has_ring = 0;
}

static void send_all(struct way *way, const struct flow *flow, const int *descriptors, int count, int *went) {
    if (way->has_ring) {
        if (!send_together(&way->ring, descriptors, flow->bytes, flow->size, count, went)) close_way(way);
        return;
    }
    for (int each = 0; each < count; each++) {
        ssize_t sent = send(descriptors[each], flow->bytes, flow->size, MSG_DONTWAIT | MSG_NOSIGNAL);
        went[each] = sent < 0 ? 0 : (int)sent;
    }
}

static int is_mine(const struct flow *flow, int place) {
    int waiting = WAITING;
    return flow->descriptors[place] >= 0 && atomic_compare_exchange_strong(&flow->went[place], &waiting, BEING_WRITTEN);
}

/* How many of this flow are written to by one call. */
static int together(const struct way *way, const struct flow *flow) {
    size_t fit = TOGETHER_BYTES / (flow->size + 1);
    if (!way->has_ring || fit == 0) return 1;
    return fit < TOGETHER ? (int)fit : TOGETHER;
}

/* Writes to the next places before `end`, as many as one call takes. */
static void write_some(struct way *way, struct flow *flow, int end) {
    int places[TOGETHER], descriptors[TOGETHER], went[TOGETHER], count = 0, most = together(way, flow);
    for (; flow->begun < end && count < most; flow->begun++) {
        if (!is_mine(flow, flow->begun)) continue;
        places[count] = flow->begun;
        descriptors[count++] = flow->descriptors[flow->begun];
    }
    if (count > 0) send_all(way, flow, descriptors, count, went);
    for (int each = 0; each < count; each++) {
        flow->is_short |= (size_t)went[each] != flow->size;
        atomic_store(&flow->went[places[each]], went[each]);
    }
}

static int is_over(struct way *way, struct flow *flow) {
    int end = flow->count - flow->begun > PIECE ? flow->begun + PIECE : flow->count;
    while (flow->begun < end) write_some(way, flow, end);
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

/* Whether this machine lets many sends be one call. */
int contest_has_ring(void) {
    struct way way = {0};
    int has_ring = way.has_ring = open_ring(&way.ring);
    close_way(&way);
    return has_ring;
}

/* Writes all flows whose addresses come from `in`, in turns, and tells by `out` which are over. Until `in` is closed. */
void contest_pour(int in, int out, int niceness, int with_ring) {
    struct flow *first = NULL, *last = NULL, *flow;
    struct pollfd more = {.fd = in, .events = POLLIN};
    struct way way = {0};
#ifdef __linux__ /* elsewhere it is the whole process that would become nicer */
    setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + niceness);
#else
    (void)niceness;
#endif
    way.has_ring = with_ring && open_ring(&way.ring);
    for (;;) {
        if (first == NULL || poll(&more, 1, 0) > 0) {
            if (!next_of(in, &flow)) break;
        } else {
            flow = first;
            first = flow->after;
            if (is_over(&way, flow)) {
                tell(out, flow);
                continue;
            }
        }
        flow->after = NULL;
        if (first == NULL) first = flow;
        else last->after = flow;
        last = flow;
    }
    close_way(&way);
}

/* Nothing is written to this place from now on. Returns how many bytes went there, or TAKEN_BACK: none; waits for a write that has begun. */
int contest_take_back(struct flow *flow, int place) {
    int went = WAITING;
    if (atomic_compare_exchange_strong(&flow->went[place], &went, TAKEN_BACK)) return TAKEN_BACK;
    while (went == BEING_WRITTEN) { /* the rest of a call: a tenth of a millisecond, unless the thread has just lost its core */
        sched_yield();
        went = atomic_load(&flow->went[place]);
    }
    return went;
}
