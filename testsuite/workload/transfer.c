// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The families, and the scenarios that move messages over each of them with every
 * way there is to send and to receive.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <linux/aio_abi.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <sys/mman.h>
#include <sys/un.h>

#define PRIVATE_PROTOCOL 253
#define ETHERTYPE_ONE 0x88b5
#define ETHERTYPE_TWO 0x88b6

/* ------------------------------------------------------------ families */

/* a family that was missing once is not tried again */
static const char *family_gone(const struct family *f, const char *why)
{
	static char gone[16][80];
	unsigned int i = (unsigned int)(f - families);

	if (why && i < ARRAY_SIZE(gone))
		snprintf(gone[i], sizeof(gone[i]), "%s", why);
	return i < ARRAY_SIZE(gone) && gone[i][0] ? gone[i] : NULL;
}

static bool give_up(struct pair *p, const char *call, int err)
{
	char why[80];

	snprintf(why, sizeof(why), "%s:%s", call, strerror(-err));
	if (p->f)
		family_gone(p->f, why);
	skip("%s", why);
	return false;
}

static void name_of(int fd, struct sockaddr_storage *a, socklen_t *len)
{
	*len = sizeof(*a);
	if (getsockname(fd, (struct sockaddr *)a, len) < 0)
		complain("getsockname: %s", strerror(errno));
}

static void loopback(int domain, struct sockaddr_storage *a, socklen_t *len)
{
	memset(a, 0, sizeof(*a));
	if (domain == AF_INET6) {
		struct sockaddr_in6 *in6 = (void *)a;

		in6->sin6_family = AF_INET6;
		in6->sin6_addr = in6addr_loopback;
		*len = sizeof(*in6);
	} else if (domain == AF_VSOCK) {
		struct sockaddr_vm *vm = (void *)a;

		vm->svm_family = AF_VSOCK;
		vm->svm_cid = VMADDR_CID_LOCAL;
		vm->svm_port = VMADDR_PORT_ANY;
		*len = sizeof(*vm);
	} else if (domain == AF_UNIX) {
		a->ss_family = AF_UNIX; /* an abstract name */
		*len = sizeof(sa_family_t);
	} else if (domain == AF_NETLINK) {
		a->ss_family = AF_NETLINK;
		*len = sizeof(struct sockaddr_nl);
	} else {
		struct sockaddr_in *in = (void *)a;

		in->sin_family = AF_INET;
		in->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
		*len = sizeof(*in);
	}
}

/* a listener on the loopback address of a connection oriented family */
static bool open_connected(struct pair *p, bool want_x)
{
	const struct family *f = p->f;
	int r;

	(void)want_x;
	p->l = do_socket(f->domain, f->type, f->protocol);
	if (p->l < 0)
		return give_up(p, "socket", p->l);
	loopback(f->domain, &p->to_r, &p->to_r_len);
	r = do_bind(p->l, &p->to_r, p->to_r_len);
	if (r < 0)
		return give_up(p, "bind", r);
	r = do_listen(p->l, 4);
	if (r < 0)
		return give_up(p, "listen", r);
	name_of(p->l, &p->to_r, &p->to_r_len);
	if (f->domain == AF_VSOCK)
		((struct sockaddr_vm *)&p->to_r)->svm_cid = VMADDR_CID_LOCAL;
	p->s = do_socket(f->domain, f->type, f->protocol);
	if (p->s < 0)
		return give_up(p, "socket", p->s);
	r = do_connect(p->s, &p->to_r, p->to_r_len);
	if (r < 0)
		return give_up(p, "connect", r);
	if (!wait_readable(p->l, 2000))
		return give_up(p, "accept", -EAGAIN);
	p->r = do_accept(p->l);
	if (p->r < 0)
		return give_up(p, "accept", p->r);
	return true;
}

static bool open_pair(struct pair *p, bool want_x)
{
	int fd[2], r;

	(void)want_x;
	r = do_socketpair(p->f->domain, p->f->type, p->f->protocol, fd);
	if (r < 0)
		return give_up(p, "socketpair", r);
	p->s = fd[0];
	p->r = fd[1];
	return true;
}

static int bound(struct pair *p, const char *ip, int port,
		 struct sockaddr_storage *a, socklen_t *len)
{
	int fd, r;

	fd = do_socket(p->f->domain, p->f->type, p->f->protocol);
	if (fd < 0) {
		give_up(p, "socket", fd);
		return -1;
	}
	loopback(p->f->domain, a, len);
	if (ip) {
		struct sockaddr_in *in = (void *)a;

		inet_pton(AF_INET, ip, &in->sin_addr);
		in->sin_port = htons((uint16_t)port);
	}
	r = do_bind(fd, a, *len);
	if (r < 0) {
		do_close(fd);
		give_up(p, "bind", r);
		return -1;
	}
	name_of(fd, a, len);
	return fd;
}

/* UDP, UNIX datagram, netlink: a name each, the sender connected */
static bool open_named(struct pair *p, bool want_x)
{
	struct sockaddr_storage a;
	socklen_t len;
	int r;

	p->r = bound(p, NULL, 0, &p->to_r, &p->to_r_len);
	if (p->r < 0)
		return false;
	p->s = bound(p, NULL, 0, &a, &len);
	if (p->s < 0)
		return false;
	r = do_connect(p->s, &p->to_r, p->to_r_len);
	if (r < 0)
		return give_up(p, "connect", r);
	if (want_x)
		p->x = bound(p, NULL, 0, &p->to_x, &p->to_x_len);
	return !want_x || p->x >= 0;
}

/* raw IP: an address each, so that nobody hears what it says itself */
static bool open_raw(struct pair *p, bool want_x)
{
	struct sockaddr_storage a;
	socklen_t len;
	int r;

	p->r = bound(p, "127.0.0.1", 0, &p->to_r, &p->to_r_len);
	if (p->r < 0)
		return false;
	p->s = bound(p, "127.0.0.2", 0, &a, &len);
	if (p->s < 0)
		return false;
	r = do_connect(p->s, &p->to_r, p->to_r_len);
	if (r < 0)
		return give_up(p, "connect", r);
	if (want_x)
		p->x = bound(p, "127.0.0.3", 0, &p->to_x, &p->to_x_len);
	return !want_x || p->x >= 0;
}

static int packet_bound(struct pair *p, int ethertype,
			struct sockaddr_storage *a, socklen_t *len)
{
	struct sockaddr_ll *ll = (void *)a;
	int fd, r;

	fd = do_socket(AF_PACKET, p->f->type, 0);
	if (fd < 0) {
		give_up(p, "socket", fd);
		return -1;
	}
	memset(a, 0, sizeof(*a));
	ll->sll_family = AF_PACKET;
	ll->sll_protocol = htons((uint16_t)ethertype);
	ll->sll_ifindex = link_index("lo");
	ll->sll_halen = 6;
	*len = sizeof(*ll);
	r = do_bind(fd, a, *len);
	if (r < 0) {
		do_close(fd);
		give_up(p, "bind", r);
		return -1;
	}
	return fd;
}

static bool open_packet(struct pair *p, bool want_x)
{
	struct sockaddr_storage a;
	socklen_t len;

	p->r = packet_bound(p, ETHERTYPE_ONE, &p->to_r, &p->to_r_len);
	if (p->r < 0)
		return false;
	p->s = packet_bound(p, ETHERTYPE_ONE, &a, &len);
	if (p->s < 0)
		return false;
	if (want_x)
		p->x = packet_bound(p, ETHERTYPE_TWO, &p->to_x, &p->to_x_len);
	return !want_x || p->x >= 0;
}

/* clang-format off */
const struct family families[] = {
	{ .name = "tcp4", .domain = AF_INET, .type = SOCK_STREAM,
	  .open = open_connected },
	{ .name = "tcp6", .domain = AF_INET6, .type = SOCK_STREAM,
	  .open = open_connected },
	{ .name = "udp4", .domain = AF_INET, .type = SOCK_DGRAM,
	  .dgram = true, .named = true, .open = open_named },
	{ .name = "udp6", .domain = AF_INET6, .type = SOCK_DGRAM,
	  .dgram = true, .named = true, .open = open_named },
	{ .name = "unix-stream", .domain = AF_UNIX, .type = SOCK_STREAM,
	  .open = open_pair },
	{ .name = "unix-dgram", .domain = AF_UNIX, .type = SOCK_DGRAM,
	  .dgram = true, .named = true, .open = open_named },
	{ .name = "unix-seqpacket", .domain = AF_UNIX,
	  .type = SOCK_SEQPACKET, .dgram = true, .open = open_connected },
	{ .name = "netlink", .domain = AF_NETLINK, .type = SOCK_DGRAM,
	  .protocol = NETLINK_USERSOCK, .dgram = true, .named = true,
	  .open = open_named },
	{ .name = "packet", .domain = AF_PACKET, .type = SOCK_DGRAM,
	  .dgram = true, .named = true, .open = open_packet },
	{ .name = "raw", .domain = AF_INET, .type = SOCK_RAW,
	  .protocol = PRIVATE_PROTOCOL, .dgram = true, .named = true,
	  .header = 20, .open = open_raw },
	{ .name = "vsock", .domain = AF_VSOCK, .type = SOCK_STREAM,
	  .slow = true, .open = open_connected },
	{ .name = "mptcp", .domain = AF_INET, .type = SOCK_STREAM,
	  .protocol = IPPROTO_MPTCP, .slow = true, .open = open_connected },
	/* these get the short list of calls only */
	{ .name = "unix-dgram-pair", .domain = AF_UNIX, .type = SOCK_DGRAM,
	  .dgram = true, .open = open_pair },
	{ .name = "unix-stream-named", .domain = AF_UNIX,
	  .type = SOCK_STREAM, .open = open_connected },
};
/* clang-format on */

const unsigned int n_families = ARRAY_SIZE(families);
#define N_FULL 12

const struct family *family_named(const char *name)
{
	unsigned int i;

	for (i = 0; i < n_families; i++)
		if (!strcmp(families[i].name, name))
			return &families[i];
	die("no family %s", name);
}

static void pair_clear(struct pair *p, const struct family *f)
{
	memset(p, 0, sizeof(*p));
	p->f = f;
	p->s = p->r = p->l = p->x = -1;
}

static bool pair_start(struct pair *p, const struct family *f, bool want_x)
{
	const char *gone = family_gone(f, NULL);

	pair_clear(p, f);
	if (gone) {
		skip("%s", gone);
		return false;
	}
	if (!f->open(p, want_x)) {
		pair_close(p);
		return false;
	}
	set_nonblock(p->s, true);
	set_nonblock(p->r, true);
	if (p->x >= 0)
		set_nonblock(p->x, true);
	return true;
}

bool pair_open(struct pair *p, const char *family)
{
	return pair_start(p, family_named(family), false);
}

void pair_close(struct pair *p)
{
	if (p->s >= 0)
		do_close(p->s);
	if (p->r >= 0)
		do_close(p->r);
	if (p->x >= 0)
		do_close(p->x);
	if (p->l >= 0)
		do_close(p->l);
	p->s = p->r = p->x = p->l = -1;
}

int tcp_listener(struct sockaddr_storage *addr, socklen_t *len)
{
	int fd = do_socket(AF_INET, SOCK_STREAM, 0);

	if (fd < 0)
		return fd;
	loopback(AF_INET, addr, len);
	want("bind", 0, do_bind(fd, addr, *len));
	want("listen", 0, do_listen(fd, 4));
	name_of(fd, addr, len);
	return fd;
}

int memfd_of(size_t bytes)
{
	int fd = (int)syscall(SYS_memfd_create, "traffic", 1U);

	if (fd < 0)
		die("memfd_create: %s", strerror(errno));
	while (bytes > 0) {
		size_t n = bytes < BIG_SIZE ? bytes : BIG_SIZE;

		if (write(fd, out_buf, n) != (ssize_t)n)
			die("memfd: %s", strerror(errno));
		bytes -= n;
	}
	return fd;
}

/* ------------------------------------------------------ ways of sending */

#define SEG_MAX 1024

static struct iovec segs[SEG_MAX];

/* cut len bytes at buf in n pieces, as even as can be */
static struct iovec *cut(char *buf, size_t len, int n)
{
	size_t at = 0;
	int i;

	for (i = 0; i < n; i++) {
		size_t end = len * (size_t)(i + 1) / (size_t)n;

		segs[i].iov_base = buf + at;
		segs[i].iov_len = end - at;
		at = end;
	}
	return segs;
}

/* what a datagram of this size may come to */
static void sent(struct pair *p, const char *call, long r)
{
	long size = (long)p->size;

	if (p->f->dgram && size > 65000)
		want_any(call, r, 3, size, -(long)EMSGSIZE, -(long)ENOBUFS);
	else if (p->f->domain == AF_NETLINK && size == 0)
		want_any(call, r, 2, 0L, -(long)ENODATA);
	else if (p->f->domain == AF_PACKET && size == 0)
		want_any(call, r, 2, 0L, -(long)EINVAL);
	else if (!p->f->dgram && size > 65000)
		want_ok(call, r);
	else
		want(call, size, r);
	if (r < 0)
		return;
	p->queued++;
	p->queued_bytes += r;
}

static void tx_send(struct pair *p)
{
	sent(p, "send", do_send(p->s, out_buf, p->size, 0));
}

static void tx_sendto(struct pair *p)
{
	bool named = p->f->named;

	sent(p, "sendto",
	     do_sendto(p->s, out_buf, p->size, 0, named ? &p->to_r : NULL,
		       named ? p->to_r_len : 0));
}

static void msg_make(struct msghdr *m, struct iovec *iov, int n)
{
	memset(m, 0, sizeof(*m));
	m->msg_iov = iov;
	m->msg_iovlen = (size_t)n;
}

static void tx_sendmsg(struct pair *p)
{
	struct msghdr m;

	msg_make(&m, cut(out_buf, p->size, 1), 1);
	if (p->f->named) {
		m.msg_name = &p->to_r;
		m.msg_namelen = p->to_r_len;
	}
	sent(p, "sendmsg", do_sendmsg(p->s, &m, 0));
}

static void tx_sendmsg8(struct pair *p)
{
	struct msghdr m;

	msg_make(&m, cut(out_buf, p->size, 8), 8);
	sent(p, "sendmsg", do_sendmsg(p->s, &m, 0));
}

static void sendmmsg_n(struct pair *p, unsigned int n, bool two)
{
	struct mmsghdr v[4];
	struct iovec iov[4];
	unsigned int i;
	long r;

	memset(v, 0, sizeof(v));
	for (i = 0; i < n; i++) {
		iov[i].iov_base = out_buf;
		iov[i].iov_len = p->size;
		msg_make(&v[i].msg_hdr, &iov[i], 1);
		if (p->f->named) {
			bool x = two && (i & 1);

			v[i].msg_hdr.msg_name = x ? &p->to_x : &p->to_r;
			v[i].msg_hdr.msg_namelen = x ? p->to_x_len :
						       p->to_r_len;
		}
	}
	r = want("sendmmsg", n, do_sendmmsg(p->s, v, n, 0));
	for (i = 0; (long)i < r; i++)
		sent(p, "sendmmsg", v[i].msg_len);
}

static void tx_sendmmsg1(struct pair *p)
{
	sendmmsg_n(p, 1, false);
}

static void tx_sendmmsg4(struct pair *p)
{
	sendmmsg_n(p, 4, false);
}

static void tx_sendmmsg4x2(struct pair *p)
{
	sendmmsg_n(p, 4, true);
}

static void tx_write(struct pair *p)
{
	sent(p, "write", do_write(p->s, out_buf, p->size));
}

static void writev_n(struct pair *p, int n)
{
	long r;

	if (p->size == 0)
		next_none(); /* nothing to write: not even tried */
	r = do_writev(p->s, cut(out_buf, p->size, n), n);
	if (p->size == 0)
		want("writev", 0, r);
	else
		sent(p, "writev", r);
}

static void tx_writev1(struct pair *p)
{
	writev_n(p, 1);
}

static void tx_writev2(struct pair *p)
{
	writev_n(p, 2);
}

static void tx_writev1024(struct pair *p)
{
	writev_n(p, SEG_MAX);
}

static void tx_pwritev2(struct pair *p)
{
	sent(p, "pwritev2", do_pwritev2(p->s, cut(out_buf, p->size, 2), 2, -1));
}

/* more than a page may reach the socket in as many pieces as it has pages */
static void pages_note(size_t size)
{
	if (size > 4096)
		next_extra("count=1-%zu", size / 4096 + 2);
}

static void tx_sendfile(struct pair *p)
{
	int in = memfd_of(p->size);

	pages_note(p->size);
	sent(p, "sendfile", do_sendfile(p->s, in, p->size));
	close(in);
}

static void pipe_make(int fd[2])
{
	if (pipe(fd) < 0)
		die("pipe: %s", strerror(errno));
	fcntl(fd[1], F_SETPIPE_SZ, 1 << 17);
}

static void tx_splice(struct pair *p)
{
	int fd[2];

	pipe_make(fd);
	if (write(fd[1], out_buf, p->size) != (ssize_t)p->size)
		complain("pipe: short write");
	pages_note(p->size);
	sent(p, "splice", do_splice_in(p->s, fd[0], p->size));
	close(fd[0]);
	close(fd[1]);
}

static void aio_tx_fill(struct pair *p, struct areq *q, int segments)
{
	memset(q, 0, sizeof(*q));
	q->fd = p->s;
	q->asked = p->size;
	if (segments) {
		q->opcode = IOCB_CMD_PWRITEV;
		q->kind = KIND_WRITEV;
		q->op = "aio_pwritev";
		q->buf = cut(out_buf, p->size, segments);
		q->len = (size_t)segments;
	} else {
		q->opcode = IOCB_CMD_PWRITE;
		q->kind = KIND_AIO_WRITE;
		q->op = "aio_pwrite";
		q->buf = out_buf;
		q->len = p->size;
	}
}

static void aio_tx_n(struct pair *p, int segments)
{
	struct areq q;

	aio_tx_fill(p, &q, segments);
	want("io_submit", 1, do_aio(&q, 1));
	sent(p, q.op, q.result);
}

static void tx_aio_pwrite(struct pair *p)
{
	aio_tx_n(p, 0);
}

static void tx_aio_pwritev(struct pair *p)
{
	aio_tx_n(p, 2);
}

static void tx_aio_pwritev1(struct pair *p)
{
	aio_tx_n(p, 1);
}

static void tx_aio_batch(struct pair *p)
{
	struct areq q[2];

	aio_tx_fill(p, &q[0], 0);
	aio_tx_fill(p, &q[1], 1);
	want("io_submit", 2, do_aio(q, 2));
	sent(p, q[0].op, q[0].result);
	sent(p, q[1].op, q[1].result);
}

static struct msghdr ring_msg;

static void uring_tx_fill(struct pair *p, struct uring_req *q, int opcode,
			  int segments)
{
	unsigned int size = (unsigned int)p->size;
	struct io_uring_sqe *sqe = &q->sqe;
	int fd = p->s;

	memset(q, 0, sizeof(*q));
	q->asked = size;
	q->kind = KIND_SENDMSG;
	switch (opcode) {
	case IORING_OP_SEND:
		q->op = "uring_send";
		io_uring_prep_send(sqe, fd, out_buf, size, 0);
		break;
	case IORING_OP_SEND_ZC:
		q->op = "uring_send_zc";
		io_uring_prep_send_zc(sqe, fd, out_buf, size, 0, 0);
		break;
	case IORING_OP_SENDMSG:
		q->op = "uring_sendmsg";
		msg_make(&ring_msg, cut(out_buf, size, 2), 2);
		io_uring_prep_sendmsg(sqe, fd, &ring_msg, 0);
		break;
	case IORING_OP_WRITE:
		q->op = "uring_write";
		q->kind = KIND_AIO_WRITE;
		io_uring_prep_write(sqe, fd, out_buf, size, 0);
		break;
	case IORING_OP_WRITE_FIXED:
		q->op = "uring_write_fixed";
		q->kind = KIND_AIO_WRITE;
		io_uring_prep_write_fixed(sqe, fd, uring_fixed_buf(), size, 0,
					  0);
		break;
	case IORING_OP_WRITEV:
		q->op = "uring_writev";
		q->kind = KIND_WRITEV;
		io_uring_prep_writev(sqe, fd, cut(out_buf, size, segments),
				     (unsigned int)segments, 0);
		break;
	}
}

static void uring_tx(struct pair *p, int opcode, int segments)
{
	struct uring_req q;

	uring_tx_fill(p, &q, opcode, segments);
	want("io_uring_enter", 1, do_uring(&q, 1));
	sent(p, q.op, q.result);
}

static void tx_uring_send(struct pair *p)
{
	uring_tx(p, IORING_OP_SEND, 0);
}

static void tx_uring_sendmsg(struct pair *p)
{
	uring_tx(p, IORING_OP_SENDMSG, 0);
}

static void tx_uring_send_zc(struct pair *p)
{
	uring_tx(p, IORING_OP_SEND_ZC, 0);
}

static void tx_uring_write(struct pair *p)
{
	uring_tx(p, IORING_OP_WRITE, 0);
}

static void tx_uring_writev1(struct pair *p)
{
	uring_tx(p, IORING_OP_WRITEV, 1);
}

static void tx_uring_writev2(struct pair *p)
{
	uring_tx(p, IORING_OP_WRITEV, 2);
}

static void tx_uring_write_fixed(struct pair *p)
{
	uring_tx(p, IORING_OP_WRITE_FIXED, 0);
}

/* four kinds of request handed over with one call */
static void tx_uring_batch(struct pair *p)
{
	static const int op[] = { IORING_OP_WRITE, IORING_OP_SENDMSG,
				  IORING_OP_SEND, IORING_OP_WRITE_FIXED };
	struct uring_req q[ARRAY_SIZE(op)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(op); i++)
		uring_tx_fill(p, &q[i], op[i], 0);
	want("io_uring_enter", ARRAY_SIZE(op), do_uring(q, ARRAY_SIZE(op)));
	for (i = 0; i < ARRAY_SIZE(op); i++)
		sent(p, q[i].op, q[i].result);
}

static void tx_twice(struct pair *p)
{
	tx_send(p);
	tx_write(p);
}

/* ---------------------------------------------------- ways of receiving */

static size_t to_ask(const struct pair *p)
{
	size_t n = p->size + p->f->header;

	return n < 64 ? 64 : n;
}

/* one answer that should be data */
static void got(struct pair *p, const char *call, long r)
{
	long most = (long)(p->size + p->f->header);

	if (p->queued == 0 && p->queued_bytes == 0) {
		want(call, -EAGAIN, r);
		return;
	}
	if (p->f->dgram)
		want(call, most, r);
	else if (r <= 0)
		complain("%s: expected data, seen %ld", call, r);
	p->queued--;
	if (r > 0)
		p->queued_bytes -= r;
}

static void rx_recv(struct pair *p)
{
	got(p, "recv", do_recv(p->r, in_buf, to_ask(p), 0));
}

static void rx_recvfrom(struct pair *p)
{
	got(p, "recvfrom", do_recvfrom(p->r, in_buf, to_ask(p), 0));
}

static void recvmsg_n(struct pair *p, int n)
{
	struct sockaddr_storage from;
	struct msghdr m;

	msg_make(&m, cut(in_buf, to_ask(p), n), n);
	m.msg_name = &from;
	m.msg_namelen = sizeof(from);
	got(p, "recvmsg", do_recvmsg(p->r, &m, 0));
}

static void rx_recvmsg(struct pair *p)
{
	recvmsg_n(p, 1);
}

static void rx_recvmsg8(struct pair *p)
{
	recvmsg_n(p, 8);
}

static void recvmmsg_n(struct pair *p, int fd, unsigned int n)
{
	struct mmsghdr v[4];
	struct iovec iov[4];
	unsigned int i;
	long r;

	memset(v, 0, sizeof(v));
	for (i = 0; i < n; i++) {
		iov[i].iov_base = in_buf + i * to_ask(p);
		iov[i].iov_len = to_ask(p);
		if (!p->f->dgram && p->size)
			iov[i].iov_len = p->size;
		msg_make(&v[i].msg_hdr, &iov[i], 1);
	}
	r = do_recvmmsg(fd, v, n, MSG_DONTWAIT);
	if (r <= 0)
		got(p, "recvmmsg", r);
	for (i = 0; (long)i < r; i++)
		got(p, "recvmmsg", v[i].msg_len);
}

static void rx_recvmmsg1(struct pair *p)
{
	recvmmsg_n(p, p->r, 1);
}

static void rx_recvmmsg4(struct pair *p)
{
	recvmmsg_n(p, p->r, 4);
}

/* two messages each wait at two sockets, and four are asked for */
static void rx_recvmmsg4x2(struct pair *p)
{
	recvmmsg_n(p, p->r, 4);
	wait_readable(p->x, 1000);
	recvmmsg_n(p, p->x, 4);
}

static void rx_read(struct pair *p)
{
	got(p, "read", do_read(p->r, in_buf, to_ask(p)));
}

static void readv_n(struct pair *p, int n)
{
	got(p, "readv", do_readv(p->r, cut(in_buf, to_ask(p), n), n));
}

static void rx_readv1(struct pair *p)
{
	readv_n(p, 1);
}

static void rx_readv2(struct pair *p)
{
	readv_n(p, 2);
}

static void rx_readv1024(struct pair *p)
{
	readv_n(p, SEG_MAX);
}

static void rx_preadv2(struct pair *p)
{
	got(p, "preadv2", do_preadv2(p->r, cut(in_buf, to_ask(p), 2), 2, -1));
}

/*
 * Where a protocol has no splice_read(), the kernel receives for it (since 5.1), or
 * refuses: for all such protocols.
 */
bool splice_refused(const struct family *f, long r)
{
	static int refuses = -1;
	bool refused = r == -EINVAL;

	if (f->type == SOCK_STREAM && f->domain != AF_VSOCK && !f->protocol)
		return false;
	/* MPTCP has one in some kernels */
	if (f->protocol != IPPROTO_MPTCP) {
		if (refuses < 0)
			refuses = refused;
		if (refuses != refused)
			complain("splice: %srefused, unlike others",
				 refused ? "" : "not ");
	}
	return refused;
}

static void rx_splice(struct pair *p)
{
	int fd[2];
	long r;

	pipe_make(fd);
	r = do_splice_out(p->r, fd[1], to_ask(p));
	if (splice_refused(p->f, r))
		rx_recv(p);
	else
		got(p, "splice", r);
	close(fd[0]);
	close(fd[1]);
}

static void aio_rx_fill(struct pair *p, struct areq *q, int segments)
{
	memset(q, 0, sizeof(*q));
	q->fd = p->r;
	q->asked = to_ask(p);
	if (!p->f->dgram && p->size)
		q->asked = p->size;
	if (segments) {
		q->opcode = IOCB_CMD_PREADV;
		q->kind = KIND_READV;
		q->op = "aio_preadv";
		q->buf = cut(in_buf, q->asked, segments);
		q->len = (size_t)segments;
	} else {
		q->opcode = IOCB_CMD_PREAD;
		q->kind = KIND_AIO_READ;
		q->op = "aio_pread";
		q->buf = in_buf;
		q->len = q->asked;
	}
}

static void aio_rx_n(struct pair *p, int segments)
{
	struct areq q;

	aio_rx_fill(p, &q, segments);
	want("io_submit", 1, do_aio(&q, 1));
	got(p, q.op, q.result);
}

static void rx_aio_pread(struct pair *p)
{
	aio_rx_n(p, 0);
}

static void rx_aio_preadv(struct pair *p)
{
	aio_rx_n(p, 2);
}

static void rx_aio_preadv1(struct pair *p)
{
	aio_rx_n(p, 1);
}

static void rx_aio_batch(struct pair *p)
{
	struct areq q[2];

	aio_rx_fill(p, &q[0], 0);
	aio_rx_fill(p, &q[1], 1);
	want("io_submit", 2, do_aio(q, 2));
	got(p, q[0].op, q[0].result);
	got(p, q[1].op, q[1].result);
}

static void uring_rx_fill(struct pair *p, struct uring_req *q, int opcode,
			  int segments)
{
	struct io_uring_sqe *sqe = &q->sqe;
	int fd = p->r;
	unsigned int size;

	memset(q, 0, sizeof(*q));
	q->asked = to_ask(p);
	if (!p->f->dgram && p->size)
		q->asked = p->size;
	size = (unsigned int)q->asked;
	q->kind = KIND_RECVMSG;
	switch (opcode) {
	case IORING_OP_RECV:
		q->op = "uring_recv";
		io_uring_prep_recv(sqe, fd, in_buf, size, 0);
		break;
	case IORING_OP_RECVMSG:
		q->op = "uring_recvmsg";
		msg_make(&ring_msg, cut(in_buf, size, 2), 2);
		io_uring_prep_recvmsg(sqe, fd, &ring_msg, 0);
		break;
	case IORING_OP_READ:
		q->op = "uring_read";
		q->kind = KIND_AIO_READ;
		io_uring_prep_read(sqe, fd, in_buf, size, 0);
		break;
	case IORING_OP_READ_FIXED:
		q->op = "uring_read_fixed";
		q->kind = KIND_AIO_READ;
		io_uring_prep_read_fixed(sqe, fd, uring_fixed_buf(), size, 0,
					 0);
		break;
	case IORING_OP_READV:
		q->op = "uring_readv";
		q->kind = KIND_READV;
		io_uring_prep_readv(sqe, fd, cut(in_buf, size, segments),
				    (unsigned int)segments, 0);
		break;
	}
}

static void uring_rx(struct pair *p, int opcode, int segments)
{
	struct uring_req q;

	uring_rx_fill(p, &q, opcode, segments);
	want("io_uring_enter", 1, do_uring(&q, 1));
	got(p, q.op, q.result);
}

static void rx_uring_recv(struct pair *p)
{
	uring_rx(p, IORING_OP_RECV, 0);
}

static void rx_uring_recvmsg(struct pair *p)
{
	uring_rx(p, IORING_OP_RECVMSG, 0);
}

static void rx_uring_read(struct pair *p)
{
	uring_rx(p, IORING_OP_READ, 0);
}

static void rx_uring_readv1(struct pair *p)
{
	uring_rx(p, IORING_OP_READV, 1);
}

static void rx_uring_readv2(struct pair *p)
{
	uring_rx(p, IORING_OP_READV, 2);
}

static void rx_uring_read_fixed(struct pair *p)
{
	uring_rx(p, IORING_OP_READ_FIXED, 0);
}

static void rx_uring_batch(struct pair *p)
{
	static const int op[] = { IORING_OP_READ, IORING_OP_RECVMSG,
				  IORING_OP_RECV, IORING_OP_READ_FIXED };
	struct uring_req q[ARRAY_SIZE(op)];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(op); i++)
		uring_rx_fill(p, &q[i], op[i], 0);
	want("io_uring_enter", ARRAY_SIZE(op), do_uring(q, ARRAY_SIZE(op)));
	for (i = 0; i < ARRAY_SIZE(op); i++)
		got(p, q[i].op, q[i].result);
}

/* look first, then take */
static void rx_peek(struct pair *p)
{
	long most = (long)(p->size + p->f->header);

	want("recv", most, do_recv(p->r, in_buf, to_ask(p), MSG_PEEK));
	rx_recv(p);
}

/* a buffer that is too small, with and without MSG_TRUNC */
static void rx_trunc(struct pair *p)
{
	int flags = p->queued == 2 ? MSG_TRUNC : 0;
	long most = (long)(p->size + p->f->header);
	long r = do_recv(p->r, in_buf, 10, flags);

	if (p->f->dgram) {
		want("recv", flags ? most : 10, r);
		p->queued--;
		p->queued_bytes -= (long)p->size;
	} else {
		want("recv", 10, r);
		p->queued_bytes -= r;
		p->queued--;
		while (p->queued_bytes > 0 && r > 0) {
			r = do_recv(p->r, in_buf, to_ask(p), 0);
			p->queued_bytes -= r;
		}
	}
}

static void rx_waitall(struct pair *p)
{
	size_t all = (size_t)p->queued_bytes;

	if (p->f->dgram) {
		rx_recv(p);
		return;
	}
	set_nonblock(p->r, false);
	got(p, "recv", do_recv(p->r, in_buf, all, MSG_WAITALL));
	set_nonblock(p->r, true);
}

/* --------------------------------------------------------------- scenarios */

struct xfer {
	const char *name;
	void (*tx)(struct pair *p);
	void (*rx)(struct pair *p);
	size_t size;
	int needs[4]; /* io_uring opcodes */
	bool aio;
	bool two;
	bool stream;
};

static const struct xfer full_list[] = {
	{ "send-recv", tx_send, rx_recv, .size = 100 },
	{ "sendto-recvfrom", tx_sendto, rx_recvfrom, .size = 100 },
	{ "sendmsg-recvmsg", tx_sendmsg, rx_recvmsg, .size = 100 },
	{ "sendmsg8-recvmsg8", tx_sendmsg8, rx_recvmsg8, .size = 100 },
	{ "sendmmsg1-recvmmsg1", tx_sendmmsg1, rx_recvmmsg1, .size = 100 },
	{ "sendmmsg4-recvmmsg4", tx_sendmmsg4, rx_recvmmsg4, .size = 100 },
	{ "sendmmsg4x2-recvmmsg4", tx_sendmmsg4x2, rx_recvmmsg4x2, .size = 100,
	  .two = true },
	{ "write-read", tx_write, rx_read, .size = 100 },
	{ "writev1-readv1", tx_writev1, rx_readv1, .size = 100 },
	{ "writev2-readv2", tx_writev2, rx_readv2, .size = 100 },
	{ "writev1024-readv1024", tx_writev1024, rx_readv1024, .size = 2048 },
	{ "pwritev2-preadv2", tx_pwritev2, rx_preadv2, .size = 100 },
	{ "sendfile-recv", tx_sendfile, rx_recv, .size = 100 },
	{ "splice-splice", tx_splice, rx_splice, .size = 100 },
	{ "aio_pwrite-aio_pread", tx_aio_pwrite, rx_aio_pread, .size = 100,
	  .aio = true },
	{ "aio_pwritev-aio_preadv", tx_aio_pwritev, rx_aio_preadv, .size = 100,
	  .aio = true },
	{ "aio_pwritev1-aio_preadv1", tx_aio_pwritev1, rx_aio_preadv1,
	  .size = 100, .aio = true },
	{ "aio_batch", tx_aio_batch, rx_aio_batch, .size = 100, .aio = true },
	{ "uring_send-uring_recv", tx_uring_send, rx_uring_recv, .size = 100,
	  .needs = { IORING_OP_SEND, IORING_OP_RECV } },
	{ "uring_sendmsg-uring_recvmsg", tx_uring_sendmsg, rx_uring_recvmsg,
	  .size = 100, .needs = { IORING_OP_SENDMSG, IORING_OP_RECVMSG } },
	{ "uring_write-uring_read", tx_uring_write, rx_uring_read, .size = 100,
	  .needs = { IORING_OP_WRITE, IORING_OP_READ } },
	{ "uring_writev1-uring_readv1", tx_uring_writev1, rx_uring_readv1,
	  .size = 100, .needs = { IORING_OP_WRITEV, IORING_OP_READV } },
	{ "uring_writev2-uring_readv2", tx_uring_writev2, rx_uring_readv2,
	  .size = 100, .needs = { IORING_OP_WRITEV, IORING_OP_READV } },
	{ "uring_write_fixed-uring_read_fixed", tx_uring_write_fixed,
	  rx_uring_read_fixed, .size = 100,
	  .needs = { IORING_OP_WRITE_FIXED, IORING_OP_READ_FIXED } },
	{ "uring_batch", tx_uring_batch, rx_uring_batch, .size = 100,
	  .needs = { IORING_OP_WRITE_FIXED, IORING_OP_READ_FIXED,
		     IORING_OP_SENDMSG, IORING_OP_RECVMSG } },
	{ "send-peek", tx_send, rx_peek, .size = 100 },
	{ "twice-trunc", tx_twice, rx_trunc, .size = 100 },
	{ "twice-waitall", tx_twice, rx_waitall, .size = 100 },
	{ "sendfile-recv", tx_sendfile, rx_recv, .size = 65536,
	  .stream = true },
	{ "splice-splice", tx_splice, rx_splice, .size = 65536,
	  .stream = true },
};

static const struct xfer short_list[] = {
	{ "send-recv", tx_send, rx_recv, .size = 0 },
	{ "write-read", tx_write, rx_read, .size = 0 },
	{ "writev2-readv2", tx_writev2, rx_readv2, .size = 0 },
	{ "sendmsg-recvmsg", tx_sendmsg, rx_recvmsg, .size = 0 },
};

static const struct xfer zerocopy = {
	"uring_send_zc-recv",		tx_uring_send_zc, rx_recv, .size = 100,
	.needs = { IORING_OP_SEND_ZC },
};

static const char *xfer_missing(const struct xfer *x)
{
	const char *why = x->aio ? aio_missing() : NULL;
	unsigned int i;

	for (i = 0; !why && i < ARRAY_SIZE(x->needs); i++)
		if (x->needs[i])
			why = uring_missing(x->needs[i]);
	return why;
}

static void drain(struct pair *p, const struct xfer *x)
{
	int tries = 0;

	if (p->queued == 0 || (!p->f->dgram && p->queued_bytes == 0)) {
		p->queued = 0;
		x->rx(p); /* nothing there: one attempt says so */
		return;
	}
	/* a frame of no payload is sent, but nobody gets it */
	if (p->f->domain == AF_PACKET && p->size == 0 &&
	    !wait_readable(p->r, 50)) {
		p->queued = 0;
		x->rx(p);
		return;
	}
	while (p->f->dgram ? p->queued > 0 : p->queued_bytes > 0) {
		if (!wait_readable(p->r, 2000) || ++tries > 400) {
			complain("%d messages, %ld bytes never came", p->queued,
				 p->queued_bytes);
			return;
		}
		/* all of it, where the sender's call does not wait for that */
		if (p->f->slow && tries == 1)
			nap(10);
		x->rx(p);
	}
}

static void run_xfer(const struct scenario *c)
{
	const struct xfer *x = c->xfer;
	const char *why = xfer_missing(x);
	struct pair p;

	if (why) {
		skip("%s", why);
		return;
	}
	if (!pair_start(&p, c->family, x->two))
		return;
	p.size = c->size;
	x->tx(&p);
	drain(&p, x);
	pair_close(&p);
}

static void add_xfer(const struct family *f, const struct xfer *x, size_t size)
{
	struct scenario *c;

	c = scenario_add(run_xfer, "%s/%s/%zu", f->name, x->name, size);
	c->family = f;
	c->xfer = x;
	c->size = size;
}

void transfer_scenarios(void)
{
	static const size_t sizes[] = { 0, 1, 65536, BIG_SIZE };
	unsigned int i, j, k;

	for (i = 0; i < n_families; i++) {
		const struct family *f = &families[i];

		for (j = 0; i < N_FULL && j < ARRAY_SIZE(full_list); j++) {
			if (full_list[j].two && !f->named)
				continue;
			if (full_list[j].stream && f->dgram)
				continue;
			add_xfer(f, &full_list[j], full_list[j].size);
		}
		if (!strcmp(f->name, "tcp4") || !strcmp(f->name, "udp4"))
			add_xfer(f, &zerocopy, zerocopy.size);
		for (k = 0; k < ARRAY_SIZE(sizes); k++)
			for (j = 0; j < ARRAY_SIZE(short_list); j++)
				add_xfer(f, &short_list[j], sizes[k]);
		if (i >= N_FULL)
			for (j = 0; j < ARRAY_SIZE(short_list); j++)
				add_xfer(f, &short_list[j], 100);
	}
}
