/* A crowd of displays in one process: opens COUNT connections to 127.0.0.1:PORT, sends each the bytes of the file REQUEST, and reads.
 *
 *   crowd PORT COUNT REQUEST ws|paints|bytes|reads IN_FLIGHT STALLED
 *
 * ws:    after the HTTP head come WebSocket frames. Each message is kept once, by its bytes; of every connection it is kept which
 *        message came when (CLOCK_MONOTONIC, ns). Pings are answered.
 * paints: as ws, and each frame of a board is answered with what it painted, as pages do.
 * bytes: what comes is counted, and its last TAIL bytes are kept, for servers of other protocols.
 * reads: as bytes, and each read counts as a message with its time: for servers that send small things one at a time.
 *
 * STALLED connections (the first ones) take their answer to the request, and never read again; their receive buffer is small.
 *
 * Commands, a line each on stdin; every answer is one line on stdout:
 *   count        -> "count CONNECTIONS MESSAGES LEAST MOST BYTES" of the connections that read
 *   zero         -> "zero": counts begin anew (what came before is kept)
 *   dump PATH    -> "dump MESSAGES": writes all messages, and for each connection what came when
 *   tails PATH   -> "tails": writes the last TAIL bytes of each connection
 * It ends at the end of stdin. A connection that ends is said on stderr, and the program ends with 3.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { READ_BYTES = 1 << 22, TAIL = 4096, HEAD_MAX = 8192, EVENTS = 512, MESSAGE_MAX = 1 << 24 };

typedef struct { uint32_t id; uint32_t spare; uint64_t at_ns; } Seen;
typedef struct { uint64_t hash; uint32_t length, first_byte; uint8_t *bytes; } Message;
typedef struct {
    int fd, stage;           /* 0 connecting, 1 waits for the head, 2 reads */
    uint8_t *held; size_t held_bytes, held_room;
    Seen *seen; uint32_t seen_count, seen_room;
    uint64_t messages, bytes;
    uint8_t *tail;
} Connection;

static Connection *connections;
static Message *messages; static uint32_t message_count, message_room;
static uint32_t *slots; static uint32_t slot_count;
static int is_ws, is_paints, is_reads, epoll, port, count, stalled;
static uint8_t *request; static size_t request_bytes;
static int opened, ready;
static uint8_t buffer[READ_BYTES];

static void fail(const char *what) { fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno)); exit(3); }

static uint64_t now_ns(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000000u + t.tv_nsec; }

static void *grown(void *old, size_t bytes) { void *p = realloc(old, bytes); if (!p) fail("memory"); return p; }

static uint64_t hash_of(const uint8_t *bytes, size_t length) {
    uint64_t hash = 0x9E3779B97F4A7C15u ^ length, word;
    while (length >= 8) { memcpy(&word, bytes, 8); hash = (hash ^ word) * 0xff51afd7ed558ccdu; hash ^= hash >> 32; bytes += 8; length -= 8; }
    word = 0; memcpy(&word, bytes, length);
    hash = (hash ^ word) * 0xff51afd7ed558ccdu;
    return hash ^ (hash >> 32);
}

static void more_slots(void) {
    uint32_t wanted = slot_count ? slot_count * 2 : 1 << 14;
    slots = grown(slots, wanted * sizeof *slots);
    memset(slots, 0xff, wanted * sizeof *slots);
    slot_count = wanted;
    for (uint32_t each = 0; each < message_count; each++) {
        uint32_t at = messages[each].hash & (slot_count - 1);
        while (slots[at] != UINT32_MAX) at = (at + 1) & (slot_count - 1);
        slots[at] = each;
    }
}

static uint32_t message_of(const uint8_t *bytes, size_t length, uint8_t first_byte) {
    if (message_count * 2 >= slot_count) more_slots();
    uint64_t hash = hash_of(bytes, length) ^ first_byte;
    uint32_t at = hash & (slot_count - 1);
    for (; slots[at] != UINT32_MAX; at = (at + 1) & (slot_count - 1)) {
        Message *known = &messages[slots[at]];
        if (known->hash == hash && known->length == length && known->first_byte == first_byte && !memcmp(known->bytes, bytes, length))
            return slots[at];
    }
    if (message_count == message_room) { message_room = message_room ? message_room * 2 : 1024; messages = grown(messages, message_room * sizeof *messages); }
    Message *fresh = &messages[message_count];
    fresh->hash = hash; fresh->length = length; fresh->first_byte = first_byte;
    fresh->bytes = grown(NULL, length ? length : 1);
    memcpy(fresh->bytes, bytes, length);
    slots[at] = message_count;
    return message_count++;
}

static void saw(Connection *one, uint32_t id) {
    if (one->seen_count == one->seen_room) { one->seen_room = one->seen_room ? one->seen_room * 2 : 32; one->seen = grown(one->seen, one->seen_room * sizeof *one->seen); }
    one->seen[one->seen_count++] = (Seen){id, 0, now_ns()};
    one->messages++;
}

static void pong(Connection *one, const uint8_t *payload, size_t length) {
    uint8_t out[131] = {0x8A, 0x80 | length};   /* masked with zeros */
    memset(out + 2, 0, 4);
    memcpy(out + 6, payload, length);
    if (write(one->fd, out, 6 + length) < 0 && errno != EAGAIN) fail("pong");
}

/* Says that a frame was painted: `"to":N` of the frame, sent back. Other messages have no such answer. */
static void paints(Connection *one, const uint8_t *payload, size_t length) {
    static const char is_frame[] = "{\"type\":\"frame\"";
    if (length < sizeof is_frame || memcmp(payload, is_frame, sizeof is_frame - 1)) return;
    const uint8_t *to = memmem(payload, length, "\"to\":", 5);
    if (!to) return;
    uint8_t out[64] = {0x81};
    int said = snprintf((char *)out + 6, 57, "{\"type\":\"painted\",\"to\":%ld}", strtol((const char *)to + 5, NULL, 10));
    out[1] = 0x80 | said;   /* masked with zeros */
    if (write(one->fd, out, 6 + said) != 6 + said) fail("painted");
}

/* One whole frame at `bytes`: its length with the header, or 0 while it is not whole. */
static size_t frame(Connection *one, const uint8_t *bytes, size_t length) {
    if (length < 2) return 0;
    uint64_t payload = bytes[1] & 127; size_t head = 2;
    if (payload == 126) { if (length < 4) return 0; payload = (bytes[2] << 8) | bytes[3]; head = 4; }
    else if (payload == 127) { if (length < 10) return 0; payload = 0; for (int i = 2; i < 10; i++) payload = payload << 8 | bytes[i]; head = 10; }
    if (payload > MESSAGE_MAX) { errno = EMSGSIZE; fail("message"); }
    if (length < head + payload) return 0;
    switch (bytes[0] & 15) {
    case 1: case 2: 
        saw(one, message_of(bytes + head, payload, bytes[0]));
        if (is_paints) paints(one, bytes + head, payload);
        break;
    case 8: fprintf(stderr, "crowd: closed with %d\n", payload >= 2 ? bytes[head] << 8 | bytes[head + 1] : 0); exit(3);
    case 9: if (payload < 126) pong(one, bytes + head, payload); break;
    case 10: break;
    default: errno = EPROTO; fail("a continued frame");
    }
    return head + payload;
}

static void keep(Connection *one, const uint8_t *bytes, size_t length) {
    if (one->held_room < length) { one->held_room = length + 1024; one->held = grown(one->held, one->held_room); }
    memmove(one->held, bytes, length);
    one->held_bytes = length;
}

static void is_ready(int which) {
    connections[which].stage = 2;
    if (which < stalled) epoll_ctl(epoll, EPOLL_CTL_DEL, connections[which].fd, NULL);
    if (++ready == count) { printf("ready %d\n", ready); fflush(stdout); }
}

static void take_ws(int which, const uint8_t *bytes, size_t length) {
    Connection *one = &connections[which];
    size_t at = 0, used;
    if (one->stage == 1) {
        uint8_t *end = memmem(bytes, length, "\r\n\r\n", 4);
        if (!end) { if (length > HEAD_MAX) { errno = EPROTO; fail("head"); } keep(one, bytes, length); return; }
        if (length < 12 || memcmp(bytes + 8, " 101", 4)) { fprintf(stderr, "crowd: answered %.*s\n", (int)(length > 200 ? 200 : length), bytes); exit(3); }
        at = end + 4 - bytes;
        is_ready(which);
    }
    while ((used = frame(one, bytes + at, length - at))) at += used;
    if (length - at || one->held_bytes) keep(one, bytes + at, length - at);
}

static void take_bytes(int which, const uint8_t *bytes, size_t length) {
    Connection *one = &connections[which];
    if (one->stage == 1) is_ready(which);
    else if (is_reads) saw(one, message_of(bytes, length, 0));
    if (!one->tail) { one->tail = grown(NULL, TAIL); memset(one->tail, 0, TAIL); }
    if (length >= TAIL) memcpy(one->tail, bytes + length - TAIL, TAIL);
    else { memmove(one->tail, one->tail + length, TAIL - length); memcpy(one->tail + TAIL - length, bytes, length); }
}

static void can_read(int which) {
    Connection *one = &connections[which];
    size_t held = is_ws ? one->held_bytes : 0;
    if (held) memcpy(buffer, one->held, held);
    ssize_t got = read(one->fd, buffer + held, READ_BYTES - held);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) { if (!got) errno = ECONNRESET; fail("the server ended a connection"); }
    one->bytes += got;
    if (is_ws) take_ws(which, buffer, held + got); else take_bytes(which, buffer, got);
}

static void open_next(void) {
    int which = opened++;
    Connection *one = &connections[which];
    int small = 4096, yes = 1;
    one->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (one->fd < 0) fail("socket");
    if (which < stalled) setsockopt(one->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    setsockopt(one->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (connect(one->fd, (struct sockaddr *)&there, sizeof there) < 0 && errno != EINPROGRESS) fail("connect");
    struct epoll_event wanted = {.events = EPOLLOUT, .data.u32 = which};
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, one->fd, &wanted) < 0) fail("epoll");
}

static void can_write(int which) {
    Connection *one = &connections[which];
    int error = 0; socklen_t size = sizeof error;
    getsockopt(one->fd, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error) { errno = error; fail("connect"); }
    if (write(one->fd, request, request_bytes) != (ssize_t)request_bytes) fail("request");
    one->stage = 1;
    struct epoll_event wanted = {.events = EPOLLIN, .data.u32 = which};
    epoll_ctl(epoll, EPOLL_CTL_MOD, one->fd, &wanted);
}

static void dump(const char *path) {
    FILE *out = fopen(path, "wb");
    if (!out) fail(path);
    fwrite(&message_count, 4, 1, out);
    for (uint32_t each = 0; each < message_count; each++) {
        fwrite(&messages[each].length, 4, 1, out); fwrite(&messages[each].first_byte, 4, 1, out);
        fwrite(messages[each].bytes, 1, messages[each].length, out);
    }
    uint32_t listening = count - stalled;
    fwrite(&listening, 4, 1, out);
    for (int each = stalled; each < count; each++) {
        fwrite(&connections[each].seen_count, 4, 1, out);
        fwrite(connections[each].seen, sizeof(Seen), connections[each].seen_count, out);
    }
    if (fclose(out)) fail(path);
    printf("dump %u\n", message_count);
}

static void tails(const char *path) {
    static const uint8_t nothing[TAIL];
    FILE *out = fopen(path, "wb");
    if (!out) fail(path);
    for (int each = stalled; each < count; each++) fwrite(connections[each].tail ? connections[each].tail : nothing, 1, TAIL, out);
    if (fclose(out)) fail(path);
    printf("tails\n");
}

static void tell_count(void) {
    uint64_t sum = 0, bytes = 0, least = UINT64_MAX, most = 0;
    for (int each = stalled; each < count; each++) {
        uint64_t got = is_ws || is_reads ? connections[each].messages : connections[each].bytes;
        sum += got; bytes += connections[each].bytes;
        if (got < least) least = got;
        if (got > most) most = got;
    }
    printf("count %d %llu %llu %llu %llu\n", count - stalled, (unsigned long long)sum, (unsigned long long)least, (unsigned long long)most, (unsigned long long)bytes);
}

static void command(char *line) {
    line[strcspn(line, "\n")] = 0;
    if (!strcmp(line, "count")) tell_count();
    else if (!strcmp(line, "zero")) { for (int each = 0; each < count; each++) connections[each].messages = connections[each].bytes = 0; printf("zero\n"); }
    else if (!strncmp(line, "dump ", 5)) dump(line + 5);
    else if (!strncmp(line, "tails ", 6)) tails(line + 6);
    else { fprintf(stderr, "crowd: no command %s\n", line); exit(2); }
    fflush(stdout);
}

static void can_command(void) {
    static char line[4096]; static size_t length;
    ssize_t got = read(0, line + length, sizeof line - length - 1);
    if (got <= 0) exit(0);
    length += got; line[length] = 0;
    for (char *end; (end = strchr(line, '\n')); ) {
        size_t used = end + 1 - line;
        char one[4096];
        memcpy(one, line, used); one[used] = 0;
        command(one);
        memmove(line, line + used, length - used + 1); length -= used;
    }
}

static void read_request(const char *path) {
    FILE *in = fopen(path, "rb");
    if (!in) fail(path);
    request = grown(NULL, 65536);
    request_bytes = fread(request, 1, 65536, in);
    fclose(in);
}

int main(int given, char **words) {
    if (given != 7) { fprintf(stderr, "usage: crowd PORT COUNT REQUEST ws|paints|bytes|reads IN_FLIGHT STALLED\n"); return 2; }
    port = atoi(words[1]); count = atoi(words[2]); read_request(words[3]); is_paints = !strcmp(words[4], "paints"); is_ws = is_paints || !strcmp(words[4], "ws"); is_reads = !strcmp(words[4], "reads");
    int in_flight = atoi(words[5]); stalled = atoi(words[6]);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files); files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    connections = calloc(count, sizeof *connections);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event commands = {.events = EPOLLIN, .data.u32 = UINT32_MAX}, happened[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &commands);
    for (;;) {
        while (opened < count && opened - ready < in_flight) open_next();
        int many = epoll_wait(epoll, happened, EVENTS, -1);
        if (many < 0 && errno != EINTR) fail("epoll");
        for (int each = 0; each < many; each++) {
            uint32_t which = happened[each].data.u32;
            if (which == UINT32_MAX) can_command();
            else if (connections[which].stage == 0) can_write(which);
            else can_read(which);
        }
    }
}
