/* Sets a value by UDP on the loopback, again and again, faster than any fader.
 *
 *     flood PORT ADDRESS SECONDS RATE      RATE: messages per second, 0: as fast as they go
 *
 * Prints how many datagrams the kernel took, and in how many seconds.
 */
#include <arpa/inet.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "osc/writer.h"

#define BATCH    32 /* datagrams in one call: the kernel cuts them apart, so that sending costs less than receiving */
#define PAUSE_NS 50000

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static int open_to(const char *port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to))
        exit(1);
    return fd;
}

/* BATCH packets in a row, each with another value. */
static void packets_fill(struct bytes *packets, const char *address)
{
    for (unsigned i = 0; i < BATCH; i++) {
        struct writer writer;
        writer_init(&writer);
        writer_float(&writer, -(float)(i + 1));
        if (writer_end(&writer, address, packets))
            exit(1);
    }
}

/* As many as the rate allows until now, BATCH at most; after a pause of PAUSE_NS the rate is caught up with. */
static unsigned due(double start, double rate, uint64_t sent)
{
    if (rate <= 0)
        return BATCH;
    double wanted = (now_s() - start) * rate - (double)sent;
    return wanted < 0 ? 0 : wanted < BATCH ? (unsigned)wanted : BATCH;
}

int main(int argc, char **argv)
{
    struct bytes packets = {0};
    uint64_t sent = 0;
    if (argc != 5)
        return 2;
    int fd = open_to(argv[1]);
    packets_fill(&packets, argv[2]);
    int each = (int)(packets.n / BATCH);
    if (setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &each, sizeof each))
        return 1;
    double start = now_s(), end = start + atof(argv[3]), rate = atof(argv[4]);
    while (now_s() < end) {
        unsigned n = due(start, rate, sent);
        ssize_t taken = n ? send(fd, packets.data, n * (size_t)each, 0) : 0;
        sent += taken > 0 ? (uint64_t)(taken / each) : 0;
        if (!n)
            nanosleep(&(struct timespec){0, PAUSE_NS}, NULL);
    }
    printf("%llu %.3f\n", (unsigned long long)sent, now_s() - start);
    close(fd);
    bytes_deinit(&packets);
}
