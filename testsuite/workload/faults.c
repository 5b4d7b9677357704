// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Scenarios where calls fail: with an event when the socket's protocol was
 * reached, with none when the call was refused before that.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <linux/aio_abi.h>
#include <linux/errqueue.h>
#include <linux/netlink.h>
#include <sys/sendfile.h>
#include <sys/uio.h>

#define NEG(e) (-(long)(e))

static void one_iov(struct msghdr *m, struct iovec *iov, void *p, size_t n)
{
	memset(m, 0, sizeof(*m));
	iov->iov_base = p;
	iov->iov_len = n;
	m->msg_iov = iov;
	m->msg_iovlen = 1;
}

/* send one message, not looked at further, for the other end to find */
static void feed(int fd, size_t n)
{
	want("send", (long)n, do_send(fd, out_buf, n, 0));
}

static void await(int fd)
{
	if (!wait_readable(fd, 2000))
		complain("nothing to read after 2 s");
}

/* --------------------------------------------------- would have to wait */

static void run_eagain_rx(const struct scenario *c)
{
	const struct family *f = c->family;
	struct iovec iov[2] = { { in_buf, 50 }, { in_buf + 50, 50 } };
	struct mmsghdr v[2];
	struct msghdr m;
	struct areq q;
	struct pair p;
	int fd[2];
	long r;

	if (!pair_open(&p, f->name))
		return;
	want("recv", NEG(EAGAIN), do_recv(p.r, in_buf, 100, 0));
	want("recvfrom", NEG(EAGAIN), do_recvfrom(p.r, in_buf, 100, 0));
	one_iov(&m, &iov[0], in_buf, 100);
	want("recvmsg", NEG(EAGAIN), do_recvmsg(p.r, &m, 0));
	memset(v, 0, sizeof(v));
	one_iov(&v[0].msg_hdr, &iov[0], in_buf, 50);
	one_iov(&v[1].msg_hdr, &iov[1], in_buf + 50, 50);
	want("recvmmsg", NEG(EAGAIN), do_recvmmsg(p.r, v, 2, 0));
	want("read", NEG(EAGAIN), do_read(p.r, in_buf, 100));
	want("readv", NEG(EAGAIN), do_readv(p.r, iov, 2));
	want("readv", NEG(EAGAIN), do_readv(p.r, iov, 1));
	want("preadv2", NEG(EAGAIN), do_preadv2(p.r, iov, 2, -1));
	if (pipe(fd) == 0) {
		r = do_splice_out(p.r, fd[1], 100);
		if (!splice_refused(f, r))
			want("splice", NEG(EAGAIN), r);
		close(fd[0]);
		close(fd[1]);
	}
	if (!aio_missing()) {
		memset(&q, 0, sizeof(q));
		q.opcode = IOCB_CMD_PREAD;
		q.kind = KIND_AIO_READ;
		q.op = "aio_pread";
		q.fd = p.r;
		q.buf = in_buf;
		q.len = q.asked = 100;
		want("io_submit", 1, do_aio(&q, 1));
		want(q.op, NEG(EAGAIN), q.result);
	}
	if (!uring_missing(IORING_OP_RECV)) {
		struct uring_req u = { .kind = KIND_RECVMSG,
				       .op = "uring_recv",
				       .asked = 100 };

		io_uring_prep_recv(&u.sqe, p.r, in_buf, 100, MSG_DONTWAIT);
		next_extra("count=1-2");
		want("io_uring_enter", 1, do_uring(&u, 1));
		want(u.op, NEG(EAGAIN), u.result);
	}
	pair_close(&p);
}

/* fill a socket up, then try each way of sending once more */
static void run_eagain_tx(const struct scenario *c)
{
	const struct family *f = c->family;
	size_t lump = f->dgram ? 2000 : 65536;
	struct iovec iov[2] = { { out_buf, 50 }, { out_buf + 50, 50 } };
	int fd[2], in, i;
	struct msghdr m;
	struct pair p;
	long r = 0;

	if (!pair_open(&p, f->name))
		return;
	for (i = 0; i < 400 && r != -EAGAIN; i++)
		r = do_send(p.s, out_buf, lump, 0);
	want("send", NEG(EAGAIN), r);
	if (f->slow)
		nap(20);
	/* a little room may have come up again in the meantime */
	for (i = 0; i < 400; i++) {
		r = do_write(p.s, out_buf, lump);
		if (r == -EAGAIN)
			break;
	}
	want("write", NEG(EAGAIN), r);
	r = do_writev(p.s, iov, 2);
	want_any("writev", r, 2, NEG(EAGAIN), 100L);
	r = do_writev(p.s, iov, 1);
	want_any("writev", r, 2, NEG(EAGAIN), 50L);
	one_iov(&m, &iov[0], out_buf, 100);
	r = do_sendmsg(p.s, &m, 0);
	want_any("sendmsg", r, 2, NEG(EAGAIN), 100L);
	in = memfd_of(100);
	r = do_sendfile(p.s, in, 100);
	want_any("sendfile", r, 2, NEG(EAGAIN), 100L);
	close(in);
	if (pipe(fd) == 0) {
		if (write(fd[1], out_buf, 100) != 100)
			complain("pipe: short write");
		r = do_splice_in(p.s, fd[0], 100);
		want_any("splice", r, 2, NEG(EAGAIN), 100L);
		close(fd[0]);
		close(fd[1]);
	}
	pair_close(&p);
}

/* --------------------------------------------------- nobody on that end */

static void pipe_calls(int s, long expected)
{
	struct iovec iov[2] = { { out_buf, 50 }, { out_buf + 50, 50 } };
	struct msghdr m;
	int fd[2], in;

	want("send", expected, do_send(s, out_buf, 100, MSG_NOSIGNAL));
	want("send", expected, do_send(s, out_buf, 100, 0));
	want("write", expected, do_write(s, out_buf, 100));
	want("writev", expected, do_writev(s, iov, 2));
	one_iov(&m, &iov[0], out_buf, 100);
	want("sendmsg", expected, do_sendmsg(s, &m, MSG_NOSIGNAL));
	in = memfd_of(100);
	want("sendfile", expected, do_sendfile(s, in, 100));
	close(in);
	if (pipe(fd) == 0) {
		if (write(fd[1], out_buf, 100) != 100)
			complain("pipe: short write");
		want("splice", expected, do_splice_in(s, fd[0], 100));
		close(fd[0]);
		close(fd[1]);
	}
}

static void run_epipe_peer(const struct scenario *c)
{
	struct pair p;

	(void)c;
	if (!pair_open(&p, "unix-stream"))
		return;
	do_close(p.r);
	p.r = -1;
	pipe_calls(p.s, NEG(EPIPE));
	want("recv", 0, do_recv(p.s, in_buf, 100, 0));
	pair_close(&p);
}

static void run_epipe_shut(const struct scenario *c)
{
	const struct family *f = c->family;
	struct iovec iov[2] = { { in_buf, 50 }, { in_buf + 50, 50 } };
	struct pair p;

	if (!pair_open(&p, f->name))
		return;
	want("shutdown", 0, do_shutdown(p.s, SHUT_WR));
	pipe_calls(p.s, NEG(EPIPE));
	await(p.r);
	want("recv", 0, do_recv(p.r, in_buf, 100, 0));
	want("read", 0, do_read(p.r, in_buf, 100));
	want("readv", 0, do_readv(p.r, iov, 2));
	pair_close(&p);
}

static void run_reset(const struct scenario *c)
{
	struct linger hard = { 1, 0 };
	struct pair p;

	(void)c;
	if (!pair_open(&p, "tcp4"))
		return;
	want("setsockopt", 0,
	     do_setsockopt(p.s, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)));
	do_close(p.s);
	p.s = -1;
	await(p.r);
	want("recv", NEG(ECONNRESET), do_recv(p.r, in_buf, 100, 0));
	want("send", NEG(EPIPE), do_send(p.r, out_buf, 100, MSG_NOSIGNAL));
	want("read", 0, do_read(p.r, in_buf, 100));
	pair_close(&p);
}

/* ------------------------------------------------------- not connected */

static void run_unconnected(const struct scenario *c)
{
	static const struct {
		int domain, type, protocol;
		int tx, rx;
	} list[] = {
		{ AF_INET, SOCK_STREAM, 0, EPIPE, ENOTCONN },
		{ AF_INET6, SOCK_STREAM, 0, EPIPE, ENOTCONN },
		{ AF_INET, SOCK_DGRAM, 0, EDESTADDRREQ, EAGAIN },
		{ AF_INET6, SOCK_DGRAM, 0, EDESTADDRREQ, EAGAIN },
		{ AF_INET, SOCK_RAW, 253, EDESTADDRREQ, EAGAIN },
		{ AF_UNIX, SOCK_STREAM, 0, ENOTCONN, EINVAL },
		{ AF_UNIX, SOCK_SEQPACKET, 0, ENOTCONN, ENOTCONN },
		{ AF_UNIX, SOCK_DGRAM, 0, ENOTCONN, EAGAIN },
		{ AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK, ECONNREFUSED,
		  EAGAIN },
	};
	struct iovec iov = { out_buf, 100 };
	struct msghdr m;
	size_t i;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		int fd = do_socket(list[i].domain, list[i].type | SOCK_NONBLOCK,
				   list[i].protocol);

		if (fd < 0)
			continue;
		want("send", -list[i].tx, do_send(fd, out_buf, 100, 0));
		want("write", -list[i].tx, do_write(fd, out_buf, 100));
		want("writev", -list[i].tx, do_writev(fd, &iov, 1));
		one_iov(&m, &iov, out_buf, 100);
		want("sendmsg", -list[i].tx, do_sendmsg(fd, &m, 0));
		want("recv", -list[i].rx, do_recv(fd, in_buf, 100, 0));
		want("read", -list[i].rx, do_read(fd, in_buf, 100));
		do_close(fd);
	}
}

static void run_emsgsize(const struct scenario *c)
{
	struct iovec iov[2] = { { out_buf, 70000 }, { out_buf, 10 } };
	struct msghdr m;
	struct pair p;

	(void)c;
	if (!pair_open(&p, "udp4"))
		return;
	want("send", NEG(EMSGSIZE), do_send(p.s, out_buf, 70000, 0));
	want("write", NEG(EMSGSIZE), do_write(p.s, out_buf, 70000));
	want("writev", NEG(EMSGSIZE), do_writev(p.s, iov, 2));
	one_iov(&m, &iov[0], out_buf, 70000);
	want("sendmsg", NEG(EMSGSIZE), do_sendmsg(p.s, &m, 0));
	pair_close(&p);
}

static void run_eopnotsupp(const struct scenario *c)
{
	static const char *const list[] = { "udp4", "unix-dgram", "netlink" };
	struct pair p;
	size_t i;

	(void)c;
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		if (!pair_open(&p, list[i]))
			continue;
		want("send", NEG(EOPNOTSUPP),
		     do_send(p.s, out_buf, 100, MSG_OOB));
		pair_close(&p);
	}
}

/* ------------------------------------------- the port nobody listens at */

static int refused_socket(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	int gone, fd;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	gone = do_socket(AF_INET, SOCK_DGRAM, 0);
	if (gone < 0)
		return -1;
	want("bind", 0, do_bind(gone, &a, len));
	if (getsockname(gone, (void *)&a, &len) < 0)
		complain("getsockname: %s", strerror(errno));
	fd = do_socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (fd >= 0)
		want("connect", 0, do_connect(fd, &a, len));
	do_close(gone);
	return fd;
}

static void run_refused(const struct scenario *c)
{
	struct iovec iov[2];
	struct mmsghdr v[2];
	struct msghdr m;
	int fd = refused_socket();

	(void)c;
	if (fd < 0)
		return;
	feed(fd, 100);
	await(fd);
	want("send", NEG(ECONNREFUSED), do_send(fd, out_buf, 100, 0));
	feed(fd, 100);
	await(fd);
	want("recv", NEG(ECONNREFUSED), do_recv(fd, in_buf, 100, 0));
	want("recv", NEG(EAGAIN), do_recv(fd, in_buf, 100, 0));
	feed(fd, 100);
	await(fd);
	want("write", NEG(ECONNREFUSED), do_write(fd, out_buf, 100));
	feed(fd, 100);
	await(fd);
	want("read", NEG(ECONNREFUSED), do_read(fd, in_buf, 100));
	feed(fd, 100);
	await(fd);
	one_iov(&m, &iov[0], in_buf, 100);
	want("recvmsg", NEG(ECONNREFUSED), do_recvmsg(fd, &m, 0));
	feed(fd, 100);
	await(fd);
	/* recvmmsg() reports a waiting error without trying to receive */
	memset(v, 0, sizeof(v));
	one_iov(&v[0].msg_hdr, &iov[0], in_buf, 100);
	one_iov(&v[1].msg_hdr, &iov[1], in_buf, 100);
	next_none();
	want("recvmmsg", NEG(ECONNREFUSED), do_recvmmsg(fd, v, 2, 0));
	want("recvmmsg", NEG(EAGAIN), do_recvmmsg(fd, v, 2, 0));
	do_close(fd);
}

static void run_errqueue(const struct scenario *c)
{
	int on = 1, fd = refused_socket();
	struct sockaddr_storage from;
	char control[512];
	struct iovec iov;
	struct msghdr m;
	int i;

	(void)c;
	if (fd < 0)
		return;
	want("setsockopt", 0,
	     do_setsockopt(fd, IPPROTO_IP, IP_RECVERR, &on, sizeof(on)));
	one_iov(&m, &iov, in_buf, 200);
	want("recvmsg", NEG(EAGAIN), do_recvmsg(fd, &m, MSG_ERRQUEUE));
	feed(fd, 100);
	await(fd);
	for (i = 0; i < 2; i++) {
		one_iov(&m, &iov, in_buf, 200);
		m.msg_control = control;
		m.msg_controllen = sizeof(control);
		m.msg_name = &from;
		m.msg_namelen = sizeof(from);
		want("recvmsg", i ? NEG(EAGAIN) : 100,
		     do_recvmsg(fd, &m, MSG_ERRQUEUE));
	}
	want("recv", NEG(EAGAIN), do_recv(fd, in_buf, 100, 0));
	feed(fd, 100);
	await(fd);
	want("recv", 100, do_recv(fd, in_buf, 200, MSG_ERRQUEUE));
	do_close(fd);
}

/* ------------------------------------------------------- bad addresses */

/* the data can't be had: found out by the protocol, so each is an event */
static void run_efault_tx(const struct scenario *c)
{
	const struct family *f = c->family;
	struct iovec iov[2] = { { out_buf, 50 }, { bad_page(), 50 } };
	struct iovec bad = { bad_page(), 100 };
	struct mmsghdr v;
	struct msghdr m;
	struct areq q;
	struct pair p;

	if (!pair_open(&p, f->name))
		return;
	want("send", NEG(EFAULT), do_send(p.s, bad_page(), 100, 0));
	want("sendto", NEG(EFAULT),
	     do_sendto(p.s, bad_page(), 100, 0, NULL, 0));
	want("write", NEG(EFAULT), do_write(p.s, bad_page(), 100));
	want("writev", NEG(EFAULT), do_writev(p.s, &bad, 1));
	want("pwritev2", NEG(EFAULT), do_pwritev2(p.s, &bad, 1, -1));
	one_iov(&m, &iov[0], bad_page(), 100);
	want("sendmsg", NEG(EFAULT), do_sendmsg(p.s, &m, 0));
	memset(&v, 0, sizeof(v));
	v.msg_hdr = m;
	want("sendmmsg", NEG(EFAULT), do_sendmmsg(p.s, &v, 1, 0));
	if (f->dgram) {
		/* the first piece could be read, the second could not */
		iov[0].iov_base = out_buf;
		iov[0].iov_len = 50;
		want("writev", NEG(EFAULT), do_writev(p.s, iov, 2));
	}
	if (!aio_missing()) {
		memset(&q, 0, sizeof(q));
		q.opcode = IOCB_CMD_PWRITE;
		q.kind = KIND_AIO_WRITE;
		q.op = "aio_pwrite";
		q.fd = p.s;
		q.buf = bad_page();
		q.len = q.asked = 100;
		want("io_submit", 1, do_aio(&q, 1));
		want(q.op, NEG(EFAULT), q.result);
	}
	if (!uring_missing(IORING_OP_SEND)) {
		struct uring_req u = { .kind = KIND_SENDMSG,
				       .op = "uring_send",
				       .asked = 100 };

		io_uring_prep_send(&u.sqe, p.s, bad_page(), 100, 0);
		want("io_uring_enter", 1, do_uring(&u, 1));
		want(u.op, NEG(EFAULT), u.result);
	}
	pair_close(&p);
}

/* a stream keeps what could not be delivered, a datagram is lost */
static void again(struct pair *p)
{
	if (p->f->dgram || p->queued == 0) {
		feed(p->s, 100);
		p->queued = 1;
	}
	await(p->r);
}

static void run_efault_rx(const struct scenario *c)
{
	const struct family *f = c->family;
	struct iovec bad = { bad_page(), 200 };
	struct mmsghdr v;
	struct msghdr m;
	struct pair p;

	if (!pair_open(&p, f->name))
		return;
	again(&p);
	want("recv", NEG(EFAULT), do_recv(p.r, bad_page(), 200, 0));
	again(&p);
	want("read", NEG(EFAULT), do_read(p.r, bad_page(), 200));
	again(&p);
	want("readv", NEG(EFAULT), do_readv(p.r, &bad, 1));
	again(&p);
	one_iov(&m, &bad, bad_page(), 200);
	want("recvmsg", NEG(EFAULT), do_recvmsg(p.r, &m, 0));
	again(&p);
	memset(&v, 0, sizeof(v));
	v.msg_hdr = m;
	want("recvmmsg", NEG(EFAULT), do_recvmmsg(p.r, &v, 1, 0));
	/* a bad buffer with nothing to put there is no fault */
	if (!f->dgram)
		want("recv", 100, do_recv(p.r, in_buf, 200, 0));
	want("recv", NEG(EAGAIN), do_recv(p.r, bad_page(), 200, 0));
	pair_close(&p);
}

/* the data arrives, its sender's name does not */
static void run_efault_name(const struct scenario *c)
{
	socklen_t len = sizeof(struct sockaddr_in);
	struct window w;
	struct iovec iov;
	struct msghdr m;
	struct pair p;
	long r;

	(void)c;
	if (!pair_open(&p, "udp4"))
		return;
	feed(p.s, 100);
	await(p.r);
	r = TIMED_FD(&w, p.r, "recvfrom",
		     recvfrom(p.r, in_buf, 200, 0, bad_page(), &len));
	want("recvfrom", NEG(EFAULT), r);
	next_extra("note=name_fault seen=%ld", r);
	put_event(&w, KIND_RECVMSG, p.r, 200, 100);
	feed(p.s, 100);
	await(p.r);
	one_iov(&m, &iov, in_buf, 200);
	m.msg_name = bad_page();
	m.msg_namelen = sizeof(struct sockaddr_in);
	r = TIMED_FD(&w, p.r, "recvmsg", recvmsg(p.r, &m, 0));
	want("recvmsg", NEG(EFAULT), r);
	next_extra("note=name_fault seen=%ld", r);
	put_event(&w, KIND_RECVMSG, p.r, 200, 100);
	pair_close(&p);
}

/* refused by the system call layer: the socket never hears of these */
static void run_efault_none(const struct scenario *c)
{
	const struct family *f = c->family;
	struct iovec wild = { kernel_pointer(), 100 };
	struct iovec below = { out_buf, (size_t)-1 };
	struct iovec iov = { out_buf, 100 };
	struct window w;
	struct msghdr m;
	struct pair p;
	long r;

	if (!pair_open(&p, f->name))
		return;
	next_none();
	want("send", NEG(EFAULT), do_send(p.s, kernel_pointer(), 100, 0));
	next_none();
	want("write", NEG(EFAULT), do_write(p.s, kernel_pointer(), 100));
	next_none();
	want("writev", NEG(EFAULT), do_writev(p.s, &wild, 1));
	next_none();
	want("writev", NEG(EFAULT), do_writev(p.s, bad_page(), 2));
	next_none();
	want("writev", NEG(EFAULT), do_writev(p.s, bad_page(), 1));
	next_none();
	want("writev", NEG(EINVAL), do_writev(p.s, &below, 1));
	next_none();
	want("writev", NEG(EINVAL), do_writev(p.s, &iov, -1));
	next_none();
	want("sendmsg", NEG(EFAULT), do_sendmsg(p.s, bad_page(), 0));
	one_iov(&m, &iov, out_buf, 100);
	m.msg_iov = bad_page();
	next_none();
	want("sendmsg", NEG(EFAULT), do_sendmsg(p.s, &m, 0));
	one_iov(&m, &iov, out_buf, 100);
	m.msg_iovlen = 1025;
	r = TIMED_FD(&w, p.s, "sendmsg", sendmsg(p.s, &m, 0));
	want("sendmsg", NEG(EMSGSIZE), put_event(&w, KIND_NONE, p.s, 0, r));
	one_iov(&m, &iov, out_buf, 100);
	m.msg_control = bad_page();
	m.msg_controllen = 64;
	next_none();
	want("sendmsg", NEG(EFAULT), do_sendmsg(p.s, &m, 0));
	next_none();
	want("sendto", NEG(EFAULT),
	     do_sendto(p.s, out_buf, 100, 0, bad_page(), 16));
	next_none();
	want("sendto", NEG(EINVAL),
	     do_sendto(p.s, out_buf, 100, 0, out_buf, 4096));
	next_none();
	want("sendmmsg", NEG(EFAULT), do_sendmmsg(p.s, bad_page(), 2, 0));
	next_none();
	want("sendmmsg", 0, do_sendmmsg(p.s, bad_page(), 0, 0));
	feed(p.s, 100);
	await(p.r);
	next_none();
	want("recv", NEG(EFAULT), do_recv(p.r, kernel_pointer(), 100, 0));
	next_none();
	want("read", NEG(EFAULT), do_read(p.r, kernel_pointer(), 100));
	next_none();
	want("readv", NEG(EFAULT), do_readv(p.r, &wild, 1));
	next_none();
	want("readv", NEG(EFAULT), do_readv(p.r, bad_page(), 2));
	next_none();
	want("recvmsg", NEG(EFAULT), do_recvmsg(p.r, bad_page(), 0));
	next_none();
	want("recvmmsg", NEG(EFAULT), do_recvmmsg(p.r, bad_page(), 2, 0));
	next_none();
	want("recvmmsg", 0, do_recvmmsg(p.r, bad_page(), 0, 0));
	want_ok("recv", do_recv(p.r, in_buf, 200, 0));
	pair_close(&p);
}

/* ----------------------------------------------- not a socket, nowhere */

static void run_ebadf(const struct scenario *c)
{
	static const int list[] = { -1, 4095 };
	struct iovec iov = { out_buf, 100 };
	struct msghdr m;
	size_t i;

	(void)c;
	one_iov(&m, &iov, out_buf, 100);
	for (i = 0; i < ARRAY_SIZE(list); i++) {
		int fd = list[i];

		next_none();
		want("send", NEG(EBADF), do_send(fd, out_buf, 100, 0));
		next_none();
		want("sendmsg", NEG(EBADF), do_sendmsg(fd, &m, 0));
		next_none();
		want("write", NEG(EBADF), do_write(fd, out_buf, 100));
		next_none();
		want("writev", NEG(EBADF), do_writev(fd, &iov, 1));
		next_none();
		want("recv", NEG(EBADF), do_recv(fd, in_buf, 100, 0));
		next_none();
		want("recvmsg", NEG(EBADF), do_recvmsg(fd, &m, 0));
		next_none();
		want("read", NEG(EBADF), do_read(fd, in_buf, 100));
		next_none();
		want("readv", NEG(EBADF), do_readv(fd, &iov, 1));
	}
}

static void run_enotsock(const struct scenario *c)
{
	struct iovec iov = { out_buf, 100 };
	struct msghdr m;
	int fd[2], mem;

	(void)c;
	if (pipe(fd) < 0)
		die("pipe: %s", strerror(errno));
	one_iov(&m, &iov, out_buf, 100);
	next_none();
	want("send", NEG(ENOTSOCK), do_send(fd[1], out_buf, 100, 0));
	next_none();
	want("sendmsg", NEG(ENOTSOCK), do_sendmsg(fd[1], &m, 0));
	next_none();
	want("recv", NEG(ENOTSOCK), do_recv(fd[0], in_buf, 100, 0));
	next_none();
	want("recvmsg", NEG(ENOTSOCK), do_recvmsg(fd[0], &m, 0));
	next_none();
	want("write", 100, do_write(fd[1], out_buf, 100));
	next_none();
	want("writev", 100, do_writev(fd[1], &iov, 1));
	next_none();
	want("read", 100, do_read(fd[0], in_buf, 100));
	next_none();
	want("readv", 100, do_readv(fd[0], &iov, 1));
	close(fd[0]);
	close(fd[1]);
	mem = memfd_of(4096);
	next_none();
	want("write", 100, do_write(mem, out_buf, 100));
	next_none();
	want("send", NEG(ENOTSOCK), do_send(mem, out_buf, 100, 0));
	next_none();
	want("close", 0, do_close(mem));
}

/* a socket has no positions */
static void run_espipe(const struct scenario *c)
{
	struct iovec iov = { out_buf, 100 };
	struct window w;
	struct pair p;
	struct areq q;
	int fd[2];
	long r;

	(void)c;
	if (!pair_open(&p, "unix-stream"))
		return;
	feed(p.s, 100);
	await(p.r);
	next_none();
	r = TIMED_FD(&w, p.s, "pwrite64", pwrite(p.s, out_buf, 100, 0));
	want("pwrite", NEG(ESPIPE), put_event(&w, KIND_NONE, p.s, 100, r));
	r = TIMED_FD(&w, p.s, "pwrite64", pwrite(p.s, out_buf, 100, 5));
	want("pwrite", NEG(ESPIPE), put_event(&w, KIND_NONE, p.s, 100, r));
	r = TIMED_FD(&w, p.r, "pread64", pread(p.r, in_buf, 100, 0));
	want("pread", NEG(ESPIPE), put_event(&w, KIND_NONE, p.r, 100, r));
	r = TIMED_FD(&w, p.r, "pread64", pread(p.r, in_buf, 100, 5));
	want("pread", NEG(ESPIPE), put_event(&w, KIND_NONE, p.r, 100, r));
	next_none();
	want("pwritev2", NEG(ESPIPE), do_pwritev2(p.s, &iov, 1, 0));
	next_none();
	want("preadv2", NEG(ESPIPE), do_preadv2(p.r, &iov, 1, 0));
	if (!aio_missing()) {
		memset(&q, 0, sizeof(q));
		q.opcode = IOCB_CMD_PWRITE;
		q.op = "aio_pwrite";
		q.fd = p.s;
		q.buf = out_buf;
		q.len = q.asked = 100;
		q.off = 5;
		want("io_submit", 1, do_aio(&q, 1));
		want(q.op, NEG(ESPIPE), q.result);
		q.opcode = IOCB_CMD_PREADV;
		q.op = "aio_preadv";
		q.fd = p.r;
		q.buf = &iov;
		q.len = 1;
		want("io_submit", 1, do_aio(&q, 1));
		want(q.op, NEG(ESPIPE), q.result);
	}
	if (!uring_missing(IORING_OP_WRITE)) {
		struct uring_req u = { .op = "uring_write", .asked = 100 };

		io_uring_prep_write(&u.sqe, p.s, out_buf, 100, 5);
		want("io_uring_enter", 1, do_uring(&u, 1));
		want(u.op, NEG(ESPIPE), u.result);
	}
	/* the socket as the source of a sendfile(), or as both ends */
	next_none();
	want("sendfile", NEG(ESPIPE), do_sendfile(p.s, p.r, 100));
	r = TIMED_FD(&w, p.s, "sendfile", sendfile(p.s, p.r, NULL, 100));
	want("sendfile", NEG(EINVAL), put_event(&w, KIND_NONE, p.s, 100, r));
	next_none();
	want("splice", NEG(EINVAL), do_splice_in(p.s, p.r, 100));
	if (pipe(fd) == 0) {
		next_none();
		want("sendfile", NEG(ESPIPE), do_sendfile(fd[1], p.r, 100));
		/* splice of nothing */
		next_none();
		want("splice", 0, do_splice_out(p.r, fd[1], 0));
		close(fd[0]);
		close(fd[1]);
	}
	want("recv", 100, do_recv(p.r, in_buf, 200, 0));
	pair_close(&p);
}

/* io_uring with the position that stands for the current one */
static void run_uring_stream_pos(const struct scenario *c)
{
	const char *why = uring_missing(IORING_OP_WRITE);
	struct uring_req tx = { .kind = KIND_AIO_WRITE,
				.op = "uring_write",
				.asked = 100 };
	struct uring_req rx = { .kind = KIND_AIO_READ,
				.op = "uring_read",
				.asked = 100 };
	struct pair p;

	(void)c;
	if (why) {
		skip("%s", why);
		return;
	}
	if (!pair_open(&p, "unix-stream"))
		return;
	io_uring_prep_write(&tx.sqe, p.s, out_buf, 100, (uint64_t)-1);
	want("io_uring_enter", 1, do_uring(&tx, 1));
	want(tx.op, 100, tx.result);
	await(p.r);
	io_uring_prep_read(&rx.sqe, p.r, in_buf, 100, (uint64_t)-1);
	want("io_uring_enter", 1, do_uring(&rx, 1));
	want(rx.op, 100, rx.result);
	pair_close(&p);
}

/* ------------------------------------------------------------- nothing */

static void run_zero(const struct scenario *c)
{
	const struct family *f = c->family;
	struct iovec iov[2] = { { in_buf, 0 }, { in_buf, 0 } };
	struct msghdr m;
	struct pair p;
	long r;

	if (!pair_open(&p, f->name))
		return;
	feed(p.s, 100);
	await(p.r);
	next_none();
	want("read", 0, do_read(p.r, in_buf, 0));
	next_none();
	want("readv", 0, do_readv(p.r, iov, 2));
	next_none();
	want("readv", 0, do_readv(p.r, iov, 0));
	next_none();
	want("writev", 0, do_writev(p.s, iov, 0));
	next_none();
	want("writev", 0, do_writev(p.s, iov, 2));
	/* asking for nothing of a datagram takes all of it */
	want("recv", 0, do_recv(p.r, in_buf, 0, 0));
	if (f->dgram) {
		feed(p.s, 100);
		await(p.r);
	}
	memset(&m, 0, sizeof(m));
	r = do_recvmsg(p.r, &m, 0);
	want("recvmsg", 0, r);
	r = do_write(p.s, out_buf, 0);
	if (f->domain == AF_NETLINK)
		want_any("write", r, 2, 0L, NEG(ENODATA));
	else
		want("write", 0, r);
	want("recv", f->dgram ? (r < 0 ? NEG(EAGAIN) : 0) : 100,
	     do_recv(p.r, in_buf, 200, 0));
	pair_close(&p);
}

/* -------------------------------------------- batches that end early */

static void run_sendmmsg_third(const struct scenario *c)
{
	const struct family *f = c->family;
	struct mmsghdr v[4];
	struct iovec iov[4];
	struct window w;
	struct pair p;
	int i, round;

	if (!pair_open(&p, f->name))
		return;
	for (round = 0; round < 2; round++) {
		long r, k;

		memset(v, 0, sizeof(v));
		for (i = 0; i < 4; i++)
			one_iov(&v[i].msg_hdr, &iov[i], out_buf, 100);
		if (round == 0)
			iov[2].iov_base = bad_page();
		else
			v[2].msg_hdr.msg_iov = bad_page();
		r = TIMED_FD(&w, p.s, "sendmmsg", sendmmsg(p.s, v, 4, 0));
		want("sendmmsg", 2, r);
		for (k = 0; k < r; k++)
			put_event(&w, KIND_SENDMSG, p.s, 100, v[k].msg_len);
		/* a bad iovec array is not an attempt, a bad buffer is one */
		if (round == 0) {
			next_extra("likely=%ld", NEG(EFAULT));
			put_event(&w, KIND_SENDMSG, p.s, 100, RESULT_UNSEEN);
		}
		for (k = 0; k < r; k++) {
			await(p.r);
			want("recv", 100, do_recv(p.r, in_buf, 100, 0));
		}
	}
	/* the first one fails: nothing else is tried */
	memset(v, 0, sizeof(v));
	for (i = 0; i < 4; i++)
		one_iov(&v[i].msg_hdr, &iov[i], out_buf, 100);
	iov[0].iov_base = bad_page();
	want("sendmmsg", NEG(EFAULT), do_sendmmsg(p.s, v, 4, 0));
	pair_close(&p);
}

static void run_recvmmsg_dry(const struct scenario *c)
{
	const struct family *f = c->family;
	struct mmsghdr v[4];
	struct iovec iov[4];
	struct pair p;
	int i, round;

	if (!pair_open(&p, f->name))
		return;
	for (round = 0; round < 3; round++) {
		static const int flags[] = { MSG_DONTWAIT, MSG_WAITFORONE, 0 };

		feed(p.s, 100);
		feed(p.s, 100);
		if (round == 2) {
			feed(p.s, 100);
			feed(p.s, 100);
		}
		await(p.r);
		if (f->slow)
			nap(10);
		memset(v, 0, sizeof(v));
		for (i = 0; i < 4; i++)
			one_iov(&v[i].msg_hdr, &iov[i], in_buf, 100);
		want("recvmmsg", round == 2 ? 4 : 2,
		     do_recvmmsg(p.r, v, 4, flags[round]));
	}
	/* a fault in the third, which takes its message along with it */
	if (f->dgram) {
		long r, k;
		struct window w;

		for (i = 0; i < 3; i++)
			feed(p.s, 100);
		await(p.r);
		memset(v, 0, sizeof(v));
		for (i = 0; i < 4; i++)
			one_iov(&v[i].msg_hdr, &iov[i], in_buf, 100);
		iov[2].iov_base = bad_page();
		r = TIMED_FD(&w, p.r, "recvmmsg", recvmmsg(p.r, v, 4, 0, NULL));
		want("recvmmsg", 2, r);
		for (k = 0; k < r; k++)
			put_event(&w, KIND_RECVMSG, p.r, 100, v[k].msg_len);
		next_extra("likely=%ld", NEG(EFAULT));
		put_event(&w, KIND_RECVMSG, p.r, 100, RESULT_UNSEEN);
		/* that error was kept, and is what the next call says */
		next_none();
		want("recvmmsg", NEG(EFAULT),
		     do_recvmmsg(p.r, v, 2, MSG_DONTWAIT));
	}
	pair_close(&p);
}

/* ---------------------------------------------------- signals, timeouts */

static volatile sig_atomic_t hits_a, hits_b;
static timer_t timer_b;
static int slower = 1;

static void arm(timer_t t, int ms)
{
	struct itimerspec its;

	ms *= slower;
	memset(&its, 0, sizeof(its));
	its.it_value.tv_sec = ms / 1000;
	its.it_value.tv_nsec = ms % 1000 * 1000000L;
	timer_settime(t, 0, &its, NULL);
}

/* restarts what it interrupted, and sees to it that it is stopped later */
static void on_a(int sig)
{
	(void)sig;
	hits_a++;
	arm(timer_b, 80);
}

static void on_b(int sig)
{
	(void)sig;
	hits_b++;
}

static bool timer_for(int sig, timer_t *t)
{
	struct sigevent ev;

	memset(&ev, 0, sizeof(ev));
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = sig;
	return timer_create(CLOCK_MONOTONIC, &ev, t) == 0;
}

static bool timers(timer_t *a)
{
	struct sigaction sa = { .sa_handler = on_a, .sa_flags = SA_RESTART };

	sigaction(SIGUSR1, &sa, NULL);
	sa.sa_handler = on_b;
	sa.sa_flags = 0;
	sigaction(SIGUSR2, &sa, NULL);
	hits_a = hits_b = 0;
	slower = (int)ledger_patience();
	if (timer_for(SIGUSR1, a) && timer_for(SIGUSR2, &timer_b))
		return true;
	complain("timer_create: %s", strerror(errno));
	return false;
}

#define IN_KERNEL_RESTART (-512)

static long blocking_call(int which, int fd)
{
	struct iovec iov[2] = { { in_buf, 50 }, { in_buf + 50, 50 } };
	struct msghdr m;

	switch (which) {
	case 0:
		return do_recv(fd, in_buf, 100, 0);
	case 1:
		return do_read(fd, in_buf, 100);
	case 2:
		return do_readv(fd, iov, 2);
	default:
		one_iov(&m, &iov[0], in_buf, 100);
		return do_recvmsg(fd, &m, 0);
	}
}

static void run_interrupted(const struct scenario *c)
{
	const struct family *f = c->family;
	struct pair p;
	timer_t a;
	int i;

	if (!timers(&a))
		return;
	if (pair_open(&p, f->name)) {
		set_nonblock(p.r, false);
		/* given up at the first signal */
		for (i = 0; i < 4; i++) {
			arm(timer_b, 40);
			next_extra("inkernel=%d", IN_KERNEL_RESTART);
			want("blocked call", NEG(EINTR), blocking_call(i, p.r));
		}
		/* entered again after the first, given up at the second */
		for (i = 0; i < 4; i++) {
			arm(a, 40);
			next_extra("count=2-3 interrupted=1 inkernel=%d",
				   IN_KERNEL_RESTART);
			want("blocked call", NEG(EINTR), blocking_call(i, p.r));
		}
		want("signals that restart", 4, hits_a);
		want("signals that stop", 8, hits_b);
		pair_close(&p);
	}
	timer_delete(a);
	timer_delete(timer_b);
}

static void run_time_limit(const struct scenario *c)
{
	const struct family *f = c->family;
	struct timeval tv = { 0, 30000 };
	struct pair p;
	timer_t a;
	int i;

	if (!pair_open(&p, f->name))
		return;
	set_nonblock(p.r, false);
	want("setsockopt", 0,
	     do_setsockopt(p.r, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	for (i = 0; i < 4; i++)
		want("timed call", NEG(EAGAIN), blocking_call(i, p.r));
	/* with a time limit nothing is entered again after a signal */
	if (timers(&a)) {
		tv.tv_sec = 5;
		want("setsockopt", 0,
		     do_setsockopt(p.r, SOL_SOCKET, SO_RCVTIMEO, &tv,
				   sizeof(tv)));
		for (i = 0; i < 4; i++) {
			arm(timer_b, 40);
			want("timed call", NEG(EINTR), blocking_call(i, p.r));
		}
		timer_delete(a);
		timer_delete(timer_b);
	}
	pair_close(&p);
}

/* --------------------------------------------------------------- scenarios */

static void add_each(void (*run)(const struct scenario *c), const char *name,
		     const char *const *list)
{
	for (; *list; list++)
		scenario_add(run, "error/%s/%s", name, *list)->family =
			family_named(*list);
}

void fault_scenarios(void)
{
	static const char *const all[] = {
		"tcp4",	       "tcp6",	     "udp4",	       "udp6",
		"unix-stream", "unix-dgram", "unix-seqpacket", "netlink",
		"packet",      "raw",	     "vsock",	       "mptcp",
		NULL,
	};
	static const char *const common[] = {
		"tcp4",		  "tcp6",	 "udp4",
		"udp6",		  "unix-stream", "unix-dgram",
		"unix-seqpacket", "netlink",	 NULL,
	};
	static const char *const fill[] = {
		"tcp4",		  "unix-stream", "unix-dgram",
		"unix-seqpacket", "vsock",	 NULL,
	};
	static const char *const shut[] = {
		"tcp4", "tcp6", "unix-stream", "unix-seqpacket", NULL,
	};
	static const char *const few[] = {
		"tcp4", "udp4", "unix-stream", "netlink", NULL,
	};

	add_each(run_eagain_rx, "eagain-receive", all);
	add_each(run_eagain_tx, "eagain-send", fill);
	scenario_add(run_epipe_peer, "error/epipe/closed-peer");
	add_each(run_epipe_shut, "epipe", shut);
	scenario_add(run_reset, "error/reset/tcp4");
	scenario_add(run_unconnected, "error/unconnected");
	scenario_add(run_emsgsize, "error/emsgsize/udp4");
	scenario_add(run_eopnotsupp, "error/eopnotsupp");
	scenario_add(run_refused, "error/refused/udp4");
	scenario_add(run_errqueue, "error/errqueue/udp4");
	add_each(run_efault_tx, "efault-send", common);
	add_each(run_efault_rx, "efault-receive", common);
	scenario_add(run_efault_name, "error/efault-name/udp4");
	add_each(run_efault_none, "efault-none", few);
	scenario_add(run_ebadf, "error/ebadf");
	scenario_add(run_enotsock, "error/enotsock");
	scenario_add(run_espipe, "error/espipe");
	scenario_add(run_uring_stream_pos, "error/uring-stream-position");
	add_each(run_zero, "zero", common);
	add_each(run_sendmmsg_third, "sendmmsg-third", few);
	add_each(run_recvmmsg_dry, "recvmmsg-dry", few);
	add_each(run_interrupted, "interrupted", few);
	add_each(run_time_limit, "time-limit", few);
}
