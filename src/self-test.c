// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * self-test - makes socket calls of every kind, and says what the probes have to count
 *
 * usage: self-test FILE
 *
 * `stap-socket check --probes` runs it under self-test.stp and compares the two.  A symbol
 * that exists does not prove that every call passes it: a compiler may have inlined the
 * function into some of its callers.
 *
 * Each kind of call is a phase, which the thread bears as its name, so that the script
 * knows which one an event is of.  FILE gets a line for each phase and probe,
 *
 *   PHASE PROBE EVENTS BYTES     BYTES is - where the probe has none
 *   PHASE skipped REASON         this kernel, a filter around this process or this program
 *                                does not have the call
 *
 * Other probes count nothing in that phase.  The calls at the other end are not in it.
 *
 * Ends with 1 where FILE or one of the sockets cannot be made, or a call fails otherwise.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/aio_abi.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>
#ifdef HAVE_LIBURING
#include <liburing.h>
#endif

enum { ROUNDS = 20, SIZE = 1000, BATCH = 2, NOT_BUILT_IN = -2 };

/* One end of a connection, and what a call moves. */
struct end {
	int fd;
	char *data;
	struct iovec part[2];
	struct msghdr message;
	struct sockaddr_in peer; /* of datagrams */
};

static int file, pipe_ends[2];
static aio_context_t aio;
static int aio_error;
static FILE *ledger;

static void begin_phase(const char *phase)
{
	prctl(PR_SET_NAME, phase);
}

static void end_phase(void)
{
	prctl(PR_SET_NAME, "self-test");
}

static void must(const char *what, int result)
{
	if (result < 0)
		err(1, "%s", what);
}

/* ---------------------------------------------------------------- calls
 *
 * Each moves one message of SIZE bytes, or BATCH of them, and returns the bytes, -1 and
 * errno, or NOT_BUILT_IN.
 */

static long call_send(struct end *end)
{
	return send(end->fd, end->data, SIZE, 0);
}
static long call_recv(struct end *end)
{
	return recv(end->fd, end->data, SIZE, 0);
}
static long call_sendto(struct end *end)
{
	return sendto(end->fd, end->data, SIZE, 0, NULL, 0);
}
static long call_sendmsg(struct end *end)
{
	return sendmsg(end->fd, &end->message, 0);
}
static long call_recvmsg(struct end *end)
{
	return recvmsg(end->fd, &end->message, 0);
}
static long call_write(struct end *end)
{
	return write(end->fd, end->data, SIZE);
}
static long call_read(struct end *end)
{
	return read(end->fd, end->data, SIZE);
}
static long call_writev(struct end *end)
{
	return writev(end->fd, end->part, 2);
}
static long call_readv(struct end *end)
{
	return readv(end->fd, end->part, 2);
}

static long call_recvfrom(struct end *end)
{
	struct sockaddr_storage from;
	socklen_t length = sizeof(from);

	return recvfrom(end->fd, end->data, SIZE, 0, (struct sockaddr *)&from,
			&length);
}

/* The bytes of a call that took all messages of a batch. */
static long batch(struct mmsghdr *messages, int taken)
{
	long bytes = 0;

	for (int i = 0; i < taken; i++)
		bytes += messages[i].msg_len;
	return taken < 0 ? -1 : bytes;
}

static long call_sendmmsg(struct end *end)
{
	struct mmsghdr messages[BATCH];

	for (int i = 0; i < BATCH; i++)
		messages[i] = (struct mmsghdr){ end->message, 0 };
	return batch(messages, sendmmsg(end->fd, messages, BATCH, 0));
}

static long call_recvmmsg(struct end *end)
{
	struct mmsghdr messages[BATCH];

	for (int i = 0; i < BATCH; i++)
		messages[i] = (struct mmsghdr){ end->message, 0 };
	return batch(messages, recvmmsg(end->fd, messages, BATCH, 0, NULL));
}

static long call_sendfile(struct end *end)
{
	off_t offset = 0;

	return sendfile(end->fd, file, &offset, SIZE);
}

static long call_splice_to(struct end *end)
{
	must("write to a pipe", write(pipe_ends[1], end->data, SIZE));
	return splice(pipe_ends[0], NULL, end->fd, NULL, SIZE, 0);
}

static long call_splice_from(struct end *end)
{
	long moved = splice(end->fd, NULL, pipe_ends[1], NULL, SIZE, 0);

	if (moved > 0)
		must("read from a pipe", read(pipe_ends[0], end->data, moved));
	return moved;
}

static long call_aio(struct end *end, int operation)
{
	struct iocb call = {
		.aio_lio_opcode = operation,
		.aio_fildes = end->fd,
		.aio_buf = (uintptr_t)end->data,
		.aio_nbytes = SIZE,
	}, *calls[] = { &call };
	struct io_event result;

	if (aio_error) {
		errno = aio_error;
		return -1;
	}
	if (syscall(SYS_io_submit, aio, 1, calls) < 0)
		return -1;
	must("io_getevents",
	     syscall(SYS_io_getevents, aio, 1, 1, &result, NULL));
	if (result.res < 0)
		errno = -result.res;
	return result.res < 0 ? -1 : result.res;
}

static long call_aio_write(struct end *end)
{
	return call_aio(end, IOCB_CMD_PWRITE);
}
static long call_aio_read(struct end *end)
{
	return call_aio(end, IOCB_CMD_PREAD);
}

enum uring_call {
	URING_SEND,
	URING_RECV,
	URING_SENDMSG,
	URING_RECVMSG,
	URING_WRITE,
	URING_READ,
	URING_WRITEV,
	URING_READV
};

#ifdef HAVE_LIBURING
static struct io_uring ring;
static int ring_error = -ENOSYS;

static void open_ring(void)
{
	ring_error = io_uring_queue_init(4, &ring, 0);
}

static long call_uring(struct end *end, enum uring_call call)
{
	struct io_uring_sqe *sqe;
	struct io_uring_cqe *done;
	int result = ring_error;

	if (!result) {
		sqe = io_uring_get_sqe(&ring);
		switch (call) {
		case URING_SEND:
			io_uring_prep_send(sqe, end->fd, end->data, SIZE, 0);
			break;
		case URING_RECV:
			io_uring_prep_recv(sqe, end->fd, end->data, SIZE, 0);
			break;
		case URING_SENDMSG:
			io_uring_prep_sendmsg(sqe, end->fd, &end->message, 0);
			break;
		case URING_RECVMSG:
			io_uring_prep_recvmsg(sqe, end->fd, &end->message, 0);
			break;
		case URING_WRITE:
			io_uring_prep_write(sqe, end->fd, end->data, SIZE, 0);
			break;
		case URING_READ:
			io_uring_prep_read(sqe, end->fd, end->data, SIZE, 0);
			break;
		case URING_WRITEV:
			io_uring_prep_writev(sqe, end->fd, end->part, 2, 0);
			break;
		case URING_READV:
			io_uring_prep_readv(sqe, end->fd, end->part, 2, 0);
			break;
		}
		result = io_uring_submit_and_wait(&ring, 1);
	}
	if (result >= 0)
		result = io_uring_peek_cqe(&ring, &done);
	if (!result) {
		result = done->res;
		io_uring_cqe_seen(&ring, done);
	}
	if (result < 0)
		errno = -result;
	return result < 0 ? -1 : result;
}
#else
static void open_ring(void)
{
}

static long call_uring(struct end *end, enum uring_call call)
{
	(void)end;
	(void)call;
	return NOT_BUILT_IN;
}
#endif

#define URING(name, CALL)                              \
	static long call_uring_##name(struct end *end) \
	{                                              \
		return call_uring(end, URING_##CALL);  \
	}
URING(send, SEND)
URING(recv, RECV)
URING(sendmsg, SENDMSG)
URING(recvmsg, RECVMSG)
URING(write, WRITE)
URING(read, READ)
URING(writev, WRITEV)
URING(readv, READV)

/* ---------------------------------------------------------------- phases */

enum direction { RECEIVE, SEND };

struct phase {
	const char *name;
	long (*call)(struct end *end);
	enum direction direction;
	const char *probe; /* beside that of its direction */
	int messages;	   /* of a call */
	int datagrams;
};

static const struct phase phases[] = {
	{ "send", call_send, SEND, "sendmsg", 1, 0 },
	{ "sendto", call_sendto, SEND, "sendmsg", 1, 1 },
	{ "sendmsg", call_sendmsg, SEND, "sendmsg", 1, 0 },
	{ "sendmmsg", call_sendmmsg, SEND, "sendmsg", BATCH, 1 },
	{ "write", call_write, SEND, "aio_write", 1, 0 },
	{ "writev", call_writev, SEND, "writev", 1, 0 },
	{ "sendfile", call_sendfile, SEND, "sendmsg", 1, 0 },
	{ "splice-to", call_splice_to, SEND, "sendmsg", 1, 0 },
	{ "aio-pwrite", call_aio_write, SEND, "aio_write", 1, 0 },
	{ "uring-send", call_uring_send, SEND, "sendmsg", 1, 0 },
	{ "uring-sendmsg", call_uring_sendmsg, SEND, "sendmsg", 1, 0 },
	{ "uring-write", call_uring_write, SEND, "aio_write", 1, 0 },
	{ "uring-writev", call_uring_writev, SEND, "writev", 1, 0 },
	{ "recv", call_recv, RECEIVE, "recvmsg", 1, 0 },
	{ "recvfrom", call_recvfrom, RECEIVE, "recvmsg", 1, 1 },
	{ "recvmsg", call_recvmsg, RECEIVE, "recvmsg", 1, 0 },
	{ "recvmmsg", call_recvmmsg, RECEIVE, "recvmsg", BATCH, 1 },
	{ "read", call_read, RECEIVE, "aio_read", 1, 0 },
	{ "readv", call_readv, RECEIVE, "readv", 1, 0 },
	{ "splice-from", call_splice_from, RECEIVE, "recvmsg", 1, 0 },
	{ "aio-pread", call_aio_read, RECEIVE, "aio_read", 1, 0 },
	{ "uring-recv", call_uring_recv, RECEIVE, "recvmsg", 1, 0 },
	{ "uring-recvmsg", call_uring_recvmsg, RECEIVE, "recvmsg", 1, 0 },
	{ "uring-read", call_uring_read, RECEIVE, "aio_read", 1, 0 },
	{ "uring-readv", call_uring_readv, RECEIVE, "readv", 1, 0 },
};

static void send_plain(struct end *from, int messages)
{
	for (int i = 0; i < messages; i++)
		must("send", call_send(from));
}

static void receive_plain(struct end *to, int messages)
{
	for (int i = 0; i < messages; i++)
		must("recv", call_recv(to));
}

/* Without data, io_uring would try a second time, which would be another event. */
static void await_data(struct end *to)
{
	struct pollfd waits = { .fd = to->fd, .events = POLLIN };
	int there = 0;

	for (int tries = 0; there < SIZE; tries++) {
		if (tries == 1000 || poll(&waits, 1, 1000) != 1)
			errx(1,
			     "no data over the loopback device for a second");
		must("FIONREAD", ioctl(to->fd, FIONREAD, &there));
	}
}

/* Calls that the kernel, a filter or a limit of the system refuses. */
static int is_missing(int error)
{
	return error == ENOSYS || error == EPERM || error == EACCES ||
	       error == EOPNOTSUPP || error == EINVAL || error == EAGAIN ||
	       error == ENOMEM;
}

/* The call of the phase at one end of a connection, and plain ones at the other. */
static void run_phase(const struct phase *phase, struct end *ends)
{
	static const char *const probes[] = {
		[RECEIVE] = "socket.receive", [SEND] = "socket.send"
	};
	struct end *from = &ends[0], *to = &ends[1];
	const int events = ROUNDS * phase->messages, bytes = events * SIZE;

	for (int round = 0; round < ROUNDS; round++) {
		bool sending = phase->direction == SEND;
		long moved;

		if (!sending) {
			send_plain(from, phase->messages);
			await_data(to);
		}
		begin_phase(phase->name);
		moved = phase->call(sending ? from : to);
		end_phase();
		if (moved == NOT_BUILT_IN ||
		    (moved < 0 && !round && is_missing(errno))) {
			fprintf(ledger, "%s skipped %s\n", phase->name,
				moved == NOT_BUILT_IN ?
					"built without liburing" :
					strerror(errno));
			if (!sending)
				receive_plain(to, phase->messages);
			return;
		}
		must(phase->name, moved);
		if (moved != (long)phase->messages * SIZE)
			errx(1, "%s moved %ld bytes, not %d", phase->name,
			     moved, phase->messages * SIZE);
		if (sending)
			receive_plain(to, phase->messages);
	}
	fprintf(ledger, "%s %s %d %d\n", phase->name, probes[phase->direction],
		events, bytes);
	fprintf(ledger, "%s %s.timed %d %d\n", phase->name,
		probes[phase->direction], events, bytes);
	fprintf(ledger, "%s socket.%s %d -\n", phase->name, phase->probe,
		events);
	fprintf(ledger, "%s socket.%s.return %d %d\n", phase->name,
		phase->probe, events, bytes);
}

static void loopback(struct sockaddr_in *address)
{
	*address = (struct sockaddr_in){
		.sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static void make_stream(int fds[2])
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);
	int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	must("socket", listener);
	loopback(&address);
	must("bind",
	     bind(listener, (struct sockaddr *)&address, sizeof(address)));
	must("listen", listen(listener, 1));
	must("getsockname",
	     getsockname(listener, (struct sockaddr *)&address, &length));
	must("socket", fds[0] = socket(AF_INET, SOCK_STREAM, 0));
	must("setsockopt",
	     setsockopt(fds[0], IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	must("connect",
	     connect(fds[0], (struct sockaddr *)&address, sizeof(address)));
	must("accept", fds[1] = accept(listener, NULL, NULL));
	length = sizeof(one);
	must("getsockopt",
	     getsockopt(fds[1], SOL_SOCKET, SO_ERROR, &one, &length));
	must("close", close(listener));
}

static void make_datagram(int fds[2])
{
	struct sockaddr_in address;
	socklen_t length = sizeof(address);

	for (int i = 0; i < 2; i++) {
		must("socket", fds[i] = socket(AF_INET, SOCK_DGRAM, 0));
		loopback(&address);
		must("bind", bind(fds[i], (struct sockaddr *)&address,
				  sizeof(address)));
	}
	for (int i = 0; i < 2; i++) {
		must("getsockname",
		     getsockname(fds[!i], (struct sockaddr *)&address,
				 &length));
		must("connect",
		     connect(fds[i], (struct sockaddr *)&address, length));
	}
}

/* The events of make_stream(), shutdown() and two close(). */
static void run_connections(void)
{
	static const struct {
		const char *probe;
		int events;
	} made[] = {
		{ "create", 2 },     { "bind", 1 },	{ "listen", 1 },
		{ "connect", 1 },    { "accept", 1 },	{ "setsockopt", 1 },
		{ "getsockopt", 1 }, { "shutdown", 1 }, { "close", 3 },
	};
	int fds[2];

	begin_phase("connection");
	for (int round = 0; round < ROUNDS; round++) {
		make_stream(fds);
		must("shutdown", shutdown(fds[0], SHUT_WR));
		must("close", close(fds[0]));
		must("close", close(fds[1]));
	}
	end_phase();
	for (size_t i = 0; i < sizeof(made) / sizeof(*made); i++) {
		fprintf(ledger, "connection socket.%s %d -\n", made[i].probe,
			made[i].events * ROUNDS);
		fprintf(ledger, "connection socket.%s.return %d -\n",
			made[i].probe, made[i].events * ROUNDS);
	}
	fprintf(ledger, "connection socket.connected %d -\n", ROUNDS);
}

/* sendmmsg() to an address that is the same each time goes a way of its own. */
static void init_end(struct end *end, int fd, char *data, int datagrams)
{
	socklen_t length = sizeof(end->peer);

	*end = (struct end){
		.fd = fd,
		.data = data,
		.part = { { data, SIZE / 2 },
			  { data + SIZE / 2, SIZE - SIZE / 2 } },
	};
	end->message.msg_iov = end->part;
	end->message.msg_iovlen = 2;
	if (datagrams) {
		must("getpeername",
		     getpeername(fd, (struct sockaddr *)&end->peer, &length));
		end->message.msg_name = &end->peer;
		end->message.msg_namelen = length;
	}
}

int main(int argc, char **argv)
{
	static char data[2][SIZE];
	struct end ends[2][2]; /* of a stream, of datagrams */
	int fds[2];

	if (argc != 2) {
		fprintf(stderr, "usage: self-test FILE\n");
		return 2;
	}
	ledger = fopen(argv[1], "we");
	if (!ledger)
		err(1, "%s", argv[1]);
	must("memfd_create", file = memfd_create("self-test", MFD_CLOEXEC));
	must("write", write(file, data[0], SIZE));
	must("pipe", pipe2(pipe_ends, O_CLOEXEC));
	if (syscall(SYS_io_setup, 4, &aio) < 0)
		aio_error = errno;
	open_ring();
	for (int datagrams = 0; datagrams < 2; datagrams++) {
		if (datagrams)
			make_datagram(fds);
		else
			make_stream(fds);
		for (int i = 0; i < 2; i++)
			init_end(&ends[datagrams][i], fds[i], data[i],
				 datagrams);
	}
	for (size_t i = 0; i < sizeof(phases) / sizeof(*phases); i++)
		run_phase(&phases[i], ends[phases[i].datagrams]);
	run_connections();
	if (fclose(ledger))
		err(1, "%s", argv[1]);
	return 0;
}
