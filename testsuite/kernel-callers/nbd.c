// SPDX-License-Identifier: GPL-2.0-or-later
//
// nbd - uses a network block device, so that the kernel itself sends and receives
//
// This program is also the server.  It answers the kernel's requests over a UNIX socket
// and counts every byte: the kernel has sent the bytes that it received, and vice versa.
// Prints "server RECEIVED SENT REQUESTS".  linux/nbd.h, Documentation/admin-guide/
// blockdev/nbd.rst.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <fcntl.h>
#include <linux/nbd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (1 << 20)
#define BLOCK 65536

static unsigned long long received, sent, requests;

static int take(int fd, void *to, size_t size)
{
	char *at = to;

	while (size) {
		ssize_t got = recv(fd, at, size, 0);

		if (got <= 0)
			return 0;
		received += got;
		at += got;
		size -= got;
	}
	return 1;
}

static void give(int fd, const void *from, size_t size)
{
	const char *at = from;

	while (size) {
		ssize_t put = send(fd, at, size, MSG_NOSIGNAL);

		if (put <= 0)
			err(1, "send");
		sent += put;
		at += put;
		size -= put;
	}
}

static void serve(int fd)
{
	static char disk[SIZE];
	struct nbd_request request;

	prctl(PR_SET_NAME, "nbd-server");
	while (take(fd, &request, sizeof(request))) {
		struct nbd_reply reply = { .magic = htonl(NBD_REPLY_MAGIC) };
		uint64_t from = be64toh(request.from);
		uint32_t length = ntohl(request.len);
		uint32_t type = ntohl(request.type) & 0xffff;

		requests++;
		if (type == NBD_CMD_DISC)
			break;
		if (from > SIZE || length > SIZE - from)
			errx(1, "a request past the end");
		if (type == NBD_CMD_WRITE && !take(fd, disk + from, length))
			errx(1, "a write without its data");
		memcpy(reply.handle, request.handle, sizeof(reply.handle));
		give(fd, &reply, sizeof(reply));
		if (type == NBD_CMD_READ)
			give(fd, disk + from, length);
	}
	printf("server %llu %llu %llu\n", received, sent, requests);
	fflush(stdout);
	_exit(0);
}

static void use(const char *device)
{
	int fd = open(device, O_RDWR | O_DIRECT);
	char *block, *again;

	if (fd < 0)
		err(1, "%s", device);
	if (posix_memalign((void **)&block, 4096, BLOCK) ||
	    posix_memalign((void **)&again, 4096, BLOCK))
		err(1, "posix_memalign");
	for (int i = 0; i < SIZE / BLOCK; i++) {
		size_t size = i % 2 ? BLOCK : 4096;

		memset(block, 'a' + i, BLOCK);
		if (pwrite(fd, block, size, (off_t)i * BLOCK) !=
			    (ssize_t)size ||
		    pread(fd, again, size, (off_t)i * BLOCK) != (ssize_t)size ||
		    memcmp(block, again, size))
			err(1, "the data read differs from the data written");
	}
	close(fd);
}

int main(int argc, char **argv)
{
	const char *device = argc > 1 ? argv[1] : "/dev/nbd0";
	int pair[2], fd, status;
	pid_t server, doing;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
		err(1, "socketpair");
	server = fork();
	if (!server) {
		close(pair[0]);
		serve(pair[1]);
	}
	close(pair[1]);
	fd = open(device, O_RDWR);
	if (fd < 0)
		err(1, "%s", device);
	if (ioctl(fd, NBD_SET_BLKSIZE, 4096UL) ||
	    ioctl(fd, NBD_SET_SIZE_BLOCKS, SIZE / 4096UL) ||
	    ioctl(fd, NBD_CLEAR_SOCK) || ioctl(fd, NBD_SET_SOCK, pair[0]))
		err(1, "%s: set up", device);
	doing = fork();
	if (!doing) {
		ioctl(fd, NBD_DO_IT);
		_exit(0);
	}
	usleep(300000);
	use(device);
	ioctl(fd, NBD_DISCONNECT);
	if (waitpid(server, &status, 0) != server || status)
		errx(1, "the server: status %d", status);
	waitpid(doing, &status, 0);
	close(fd);
	return 0;
}
