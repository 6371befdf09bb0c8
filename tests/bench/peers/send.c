/* The bare limit of a fan-out: one text frame written to every connection with send(2), and nothing else.
 *
 *   send            it listens on a free port of 127.0.0.1 and says "port N"
 *
 * Whoever connects and sends a request becomes a WebSocket. Commands, a line each on stdin:
 *   send FRAMES EVERY_US BYTES   -> "sent FRAMES": each frame's payload is BYTES long and begins with its number
 * Where a connection's buffer is full it waits for it, as the bare limit loses nothing.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 65536, EVENTS = 256, FRAME_MAX = 1 << 16 };
static int listening[MOST], listeners, epoll;
static const char ANSWER[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

static void fail(const char *what) { perror(what); exit(3); }

static uint64_t now_us(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return (uint64_t)t.tv_sec * 1000000u + t.tv_nsec / 1000; }

static void write_whole(int fd, const char *bytes, size_t length) {
    while (length) {
        ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) { struct pollfd one = {fd, POLLOUT, 0}; poll(&one, 1, 1000); continue; }
        if (sent < 0) fail("send");
        bytes += sent; length -= sent;
    }
}

static void broadcast(int frames, int every_us, int bytes) {
    static char frame[FRAME_MAX + 16];
    uint64_t began = now_us();
    for (int number = 1; number <= frames; number++) {
        size_t head = bytes < 126 ? 2 : 4;
        frame[0] = (char)0x81;
        if (head == 2) frame[1] = bytes; else { frame[1] = 126; frame[2] = bytes >> 8; frame[3] = bytes; }
        memset(frame + head, 'x', bytes);
        memcpy(frame + head + snprintf(frame + head, 24, "frame %d ", number), "x", 1);
        for (int each = 0; each < listeners; each++) write_whole(listening[each], frame, head + bytes);
        int64_t left = (int64_t)(began + (uint64_t)number * every_us) - (int64_t)now_us();
        if (left > 0) usleep(left);
    }
    printf("sent %d\n", frames); fflush(stdout);
}

static void commanded(void) {
    static char line[256];
    int frames, every_us, bytes;
    if (!fgets(line, sizeof line, stdin)) exit(0);
    if (sscanf(line, "send %d %d %d", &frames, &every_us, &bytes) != 3 || bytes > FRAME_MAX) { fprintf(stderr, "send: no command %s", line); exit(2); }
    broadcast(frames, every_us, bytes);
}

static void joins(int fd) {
    char request[8192];
    if (recv(fd, request, sizeof request, 0) <= 0) { close(fd); return; }
    write_whole(fd, ANSWER, sizeof ANSWER - 1);
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
    if (listeners == MOST) { errno = EMFILE; fail("connections"); }
    listening[listeners++] = fd;
}

int main(void) {
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files); files.rlim_cur = files.rlim_max; setrlimit(RLIMIT_NOFILE, &files);
    setvbuf(stdin, NULL, _IONBF, 0);
    int door = socket(AF_INET, SOCK_STREAM, 0), yes = 1;
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    if (bind(door, (struct sockaddr *)&here, size) || listen(door, 4096)) fail("listen");
    getsockname(door, (struct sockaddr *)&here, &size);
    printf("port %d\n", ntohs(here.sin_port)); fflush(stdout);
    epoll = epoll_create1(0);
    struct epoll_event at_door = {.events = EPOLLIN, .data.fd = door}, commands = {.events = EPOLLIN, .data.fd = 0}, happened[EVENTS];
    epoll_ctl(epoll, EPOLL_CTL_ADD, door, &at_door);
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &commands);
    for (;;) {
        int many = epoll_wait(epoll, happened, EVENTS, -1);
        for (int each = 0; each < many; each++) {
            int fd = happened[each].data.fd;
            if (fd == 0) { commanded(); continue; }
            if (fd != door) { joins(fd); continue; }
            int guest = accept(door, NULL, NULL);
            if (guest < 0) fail("accept");
            setsockopt(guest, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
            struct epoll_event wanted = {.events = EPOLLIN, .data.fd = guest};
            epoll_ctl(epoll, EPOLL_CTL_ADD, guest, &wanted);
        }
    }
}
