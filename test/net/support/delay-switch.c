/* A switch of the network tests for kernels without netem: one tap device named `main` in each network namespace that an argument
 * names, frames carried between them after a delay. Standard input sets it: a line with a number of milliseconds. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#define PORTS_MAX 16
#define FRAME_MAX 2048
/* Frames under way; what comes beyond is lost, as in a switch. */
#define QUEUE_MAX 8192
#define READS_MAX 64

struct frame {
  int64_t due;
  int from;
  int length;
  unsigned char octets[FRAME_MAX];
};

static struct frame queue[QUEUE_MAX];
static unsigned head, tail;
static int ports[PORTS_MAX], count;
static unsigned char addresses[PORTS_MAX][6];
static int64_t delay_ns;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int open_tap(const char *path) {
  int space = open(path, O_RDONLY);
  if (space < 0 || setns(space, CLONE_NEWNET) != 0) return -1;
  close(space);
  int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
  struct ifreq request;
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, "main");
  request.ifr_flags = IFF_TAP | IFF_NO_PI;
  if (tap < 0 || ioctl(tap, TUNSETIFF, &request) != 0) return -1;
  return tap;
}

/* A bit in the first octet marks what is for everybody. */
static void deliver(const struct frame *frame) {
  for (int port = 0; port < count; port += 1) {
    if (port == frame->from) continue;
    int is_for_all = frame->octets[0] & 1;
    if (!is_for_all && memcmp(addresses[port], frame->octets, 6) != 0) continue;
    if (write(ports[port], frame->octets, frame->length) < 0 && errno == EBADF) exit(1);
  }
}

static void take(int port) {
  for (int reads = 0; reads < READS_MAX; reads += 1) {
    struct frame *frame = &queue[tail % QUEUE_MAX];
    int is_full = tail - head == QUEUE_MAX;
    unsigned char lost[FRAME_MAX];
    int length = read(ports[port], is_full ? lost : frame->octets, FRAME_MAX);
    if (length < 14) return;
    if (is_full) continue;
    memcpy(addresses[port], frame->octets + 6, 6);
    frame->from = port;
    frame->length = length;
    frame->due = now() + delay_ns;
    tail += 1;
  }
}

static void set_delay(void) {
  char line[64];
  int length = read(0, line, sizeof line - 1);
  if (length <= 0) exit(0);
  line[length] = 0;
  delay_ns = (int64_t)atoi(line) * 1000000;
}

int main(int argc, char **argv) {
  struct pollfd polled[PORTS_MAX + 1];
  for (count = 0; count < argc - 1 && count < PORTS_MAX; count += 1) {
    ports[count] = open_tap(argv[count + 1]);
    if (ports[count] < 0) {
      perror(argv[count + 1]);
      return 1;
    }
    polled[count].fd = ports[count];
    polled[count].events = POLLIN;
  }
  polled[count].fd = 0;
  polled[count].events = POLLIN;
  puts("ready");
  fflush(stdout);
  for (;;) {
    int64_t left = head == tail ? 1000000000 : queue[head % QUEUE_MAX].due - now();
    struct timespec wait = { 0, left < 0 ? 0 : left > 999999999 ? 999999999 : left };
    ppoll(polled, count + 1, &wait, NULL);
    if (polled[count].revents != 0) set_delay();
    for (int port = 0; port < count; port += 1)
      if (polled[port].revents != 0) take(port);
    for (; head != tail && queue[head % QUEUE_MAX].due <= now(); head += 1) deliver(&queue[head % QUEUE_MAX]);
  }
}
