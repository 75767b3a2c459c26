/* What a socket can do on this machine: `epoll-server PATH THREADS BINDINGS BYTES` answers every REQUEST frame of protocol/SPEC.md with one
   DELIVERY, made beforehand, of BINDINGS entries `BENCH_N=` with values of BYTES bytes: the size of the agent's answer. It looks at a
   frame's magic and length and at nothing else: no attestation, no policy, no store, no decryption, no audit. This is the line of 100 %.

   Each of THREADS threads has its own epoll instance and takes connections from the one listening socket. */

#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { HEADER = 12, REQUEST_MOST = 4096, EVENTS = 64, BACKLOG = 4096, DELIVERY = 2 };

static int listening;
static char answer[1 << 16];
static size_t answer_bytes;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static void put(uint64_t number, int bytes) {
  while (bytes-- > 0) {
    answer[answer_bytes++] = (char)(number >> (8 * bytes));
  }
}

static void put_field(unsigned tag, unsigned bytes) {
  put(tag, 2);
  put(bytes, 4);
}

/* The layout of section 4.2: grant, count, block. */
static void make_answer(int bindings, int bytes) {
  char name[32];
  size_t block = 0;
  for (int n = 1; n <= bindings; n++) {
    block += (size_t)snprintf(name, sizeof name, "BENCH_%d=", n) + (size_t)bytes + 1;
  }
  if (block + 64 > sizeof answer) {
    fprintf(stderr, "epoll-server: the answer is too large\n");
    exit(2);
  }
  memcpy(answer, "LKEY\1\0", 6);
  answer_bytes = 6;
  put(DELIVERY, 1);
  put(0, 1);
  put(6 + 8 + 6 + 4 + 6 + block, 4);
  put_field(0x0001, 8);
  put(1, 8);
  put_field(0x8003, 4);
  put((uint64_t)bindings, 4);
  put_field(0x8004, (unsigned)block);
  for (int n = 1; n <= bindings; n++) {
    answer_bytes += (size_t)sprintf(answer + answer_bytes, "BENCH_%d=", n);
    memset(answer + answer_bytes, 'x', (size_t)bytes);
    answer_bytes += (size_t)bytes + 1;
    answer[answer_bytes - 1] = 0;
  }
}

static void listen_on(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  if (strlen(path) >= sizeof address.sun_path) {
    fprintf(stderr, "epoll-server: the path is too long\n");
    exit(2);
  }
  strcpy(address.sun_path, path);
  listening = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listening < 0 || bind(listening, (struct sockaddr *)&address, sizeof address) || listen(listening, BACKLOG)) {
    fail(path);
  }
}

static void watch(int poll, int descriptor, uint32_t events) {
  struct epoll_event event = {.events = events, .data.fd = descriptor};
  if (epoll_ctl(poll, EPOLL_CTL_ADD, descriptor, &event)) {
    fail("epoll_ctl");
  }
}

static void take(int poll) {
  int peer;
  while ((peer = accept4(listening, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
    watch(poll, peer, EPOLLIN);
  }
  if (errno != EAGAIN && errno != ECONNABORTED) {
    fail("accept4");
  }
}

/* A request of this benchmark comes in one piece; anything else is a mistake here, and ends the connection. */
static int whole(const unsigned char *frame, ssize_t bytes) {
  if (bytes < HEADER || memcmp(frame, "LKEY", 4)) {
    return 0;
  }
  uint32_t body = (uint32_t)frame[8] << 24 | (uint32_t)frame[9] << 16 | (uint32_t)frame[10] << 8 | frame[11];
  return (size_t)bytes == HEADER + (size_t)body;
}

static void serve(int peer) {
  unsigned char frame[REQUEST_MOST];
  ssize_t bytes = recv(peer, frame, sizeof frame, 0);
  if (bytes < 0 && errno == EAGAIN) {
    return;
  }
  if (!whole(frame, bytes) || send(peer, answer, answer_bytes, MSG_NOSIGNAL) != (ssize_t)answer_bytes) {
    close(peer);
  }
}

__attribute__((noreturn)) static void *loop(void *unused) {
  (void)unused;
  int poll = epoll_create1(EPOLL_CLOEXEC);
  if (poll < 0) {
    fail("epoll_create1");
  }
  watch(poll, listening, EPOLLIN | EPOLLEXCLUSIVE);
  for (;;) {
    struct epoll_event events[EVENTS];
    int ready = epoll_wait(poll, events, EVENTS, -1);
    for (int n = 0; n < ready; n++) {
      if (events[n].data.fd == listening) {
        take(poll);
      } else {
        serve(events[n].data.fd);
      }
    }
  }
}

int main(int count, char **words) {
  if (count != 5) {
    fprintf(stderr, "usage: epoll-server PATH THREADS BINDINGS BYTES\n");
    return 2;
  }
  make_answer(atoi(words[3]), atoi(words[4]));
  listen_on(words[1]);
  for (int n = atoi(words[2]); n > 1; n--) {
    pthread_t thread;
    if (pthread_create(&thread, NULL, loop, NULL)) {
      fail("pthread_create");
    }
  }
  loop(NULL);
}
