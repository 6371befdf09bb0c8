/* Many sends by one call of the system: io_uring of Linux, from 6.1 on. Elsewhere, and where it is not permitted, `open_ring` says so. */
#ifndef CONTEST_RING_H
#define CONTEST_RING_H

#include <stdint.h>
#include <sys/socket.h>

#if defined(__linux__) && __has_include(<linux/io_uring.h>)
#include <linux/io_uring.h>
#include <sys/syscall.h>
#endif

#ifndef MSG_NOSIGNAL /* macOS has none; Python ignores SIGPIPE everywhere */
#define MSG_NOSIGNAL 0
#endif

/* So many at once at most, and so many bytes: whoever takes a place back waits until all of them are through. */
enum { TOGETHER = 32, TOGETHER_BYTES = 1 << 15 };
/* So often a call may come to nothing before it is given up, as where the system has no memory for it. */
enum { IN_VAIN_MAX = 100 };

#if defined(IORING_SETUP_DEFER_TASKRUN) && defined(__NR_io_uring_setup)
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct ring {
    int descriptor;
    uint32_t *tail;     /* of what is asked */
    uint32_t *head;     /* of what was answered */
    uint32_t *answered; /* the end of it */
    uint32_t mask, answers_mask;
    struct io_uring_sqe *asked;
    struct io_uring_cqe *answers;
    char *shared;
    size_t shared_size;
};

static void close_ring(struct ring *ring) {
    if (ring->asked != MAP_FAILED) munmap(ring->asked, TOGETHER * sizeof *ring->asked);
    if (ring->shared != MAP_FAILED) munmap(ring->shared, ring->shared_size);
    close(ring->descriptor);
}

/* False: there is none here. Only the thread that opened it may use it. */
static int open_ring(struct ring *ring) {
    struct io_uring_params about = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    ring->descriptor = (int)syscall(__NR_io_uring_setup, TOGETHER, &about);
    if (ring->descriptor < 0) return 0;
    size_t asked_end = about.sq_off.array + about.sq_entries * sizeof(uint32_t);
    size_t answers_end = about.cq_off.cqes + about.cq_entries * sizeof(struct io_uring_cqe);
    ring->shared_size = asked_end > answers_end ? asked_end : answers_end;
    ring->shared = mmap(NULL, ring->shared_size, PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor, IORING_OFF_SQ_RING);
    ring->asked = mmap(NULL, TOGETHER * sizeof *ring->asked, PROT_READ | PROT_WRITE, MAP_SHARED, ring->descriptor, IORING_OFF_SQES);
    if (ring->shared == MAP_FAILED || ring->asked == MAP_FAILED) {
        close_ring(ring);
        return 0;
    }
    ring->tail = (uint32_t *)(ring->shared + about.sq_off.tail);
    ring->mask = *(uint32_t *)(ring->shared + about.sq_off.ring_mask);
    ring->head = (uint32_t *)(ring->shared + about.cq_off.head);
    ring->answered = (uint32_t *)(ring->shared + about.cq_off.tail);
    ring->answers_mask = *(uint32_t *)(ring->shared + about.cq_off.ring_mask);
    ring->answers = (struct io_uring_cqe *)(ring->shared + about.cq_off.cqes);
    uint32_t *order = (uint32_t *)(ring->shared + about.sq_off.array);
    for (uint32_t place = 0; place < about.sq_entries; place++) order[place] = place;
    return 1;
}

static void ask(struct ring *ring, const int *descriptors, const void *bytes, size_t size, int count) {
    uint32_t tail = *ring->tail;
    for (int each = 0; each < count; each++) {
        struct io_uring_sqe *one = &ring->asked[tail++ & ring->mask];
        memset(one, 0, sizeof *one);
        one->opcode = IORING_OP_SEND;
        one->fd = descriptors[each];
        one->addr = (uintptr_t)bytes;
        one->len = (uint32_t)size;
        one->msg_flags = MSG_DONTWAIT | MSG_NOSIGNAL; /* answered at once, whatever came of it */
        one->user_data = (uint64_t)each;
    }
    __atomic_store_n(ring->tail, tail, __ATOMIC_RELEASE);
}

static int take_answers(struct ring *ring, int *went) {
    uint32_t head = *ring->head, end = __atomic_load_n(ring->answered, __ATOMIC_ACQUIRE);
    int taken = (int)(end - head);
    for (; head != end; head++) {
        const struct io_uring_cqe *one = &ring->answers[head & ring->answers_mask];
        went[one->user_data] = one->res < 0 ? 0 : one->res;
    }
    __atomic_store_n(ring->head, head, __ATOMIC_RELEASE);
    return taken;
}

/* These bytes to at most TOGETHER sockets; `went`: how many went to each at once. False: the ring is of no use any more. */
static int send_together(struct ring *ring, const int *descriptors, const void *bytes, size_t size, int count, int *went) {
    int handed = 0, answered = 0, in_vain = 0;
    for (int each = 0; each < count; each++) went[each] = 0;
    ask(ring, descriptors, bytes, size, count);
    while (answered < count) {
        long taken = syscall(__NR_io_uring_enter, ring->descriptor, count - handed, count - answered, IORING_ENTER_GETEVENTS, NULL, 0);
        if (taken < 0 && errno != EINTR && errno != EAGAIN && errno != EBUSY) return 0;
        int fresh = take_answers(ring, went);
        if (taken > 0) handed += (int)taken;
        answered += fresh;
        in_vain = taken > 0 || fresh > 0 ? 0 : in_vain + 1;
        if (in_vain == IN_VAIN_MAX) return 0;
    }
    return 1;
}
#else
struct ring { int none; };
static int open_ring(struct ring *ring) { (void)ring; return 0; }
static void close_ring(struct ring *ring) { (void)ring; }
static int send_together(struct ring *ring, const int *descriptors, const void *bytes, size_t size, int count, int *went) {
    (void)ring, (void)descriptors, (void)bytes, (void)size, (void)count, (void)went;
    return 0;
}
#endif
#endif
