// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Every system call that can make a socket event, wrapped so that it writes
 * the ledger lines of the events it makes.
 */
#include "traffic.h"

#include <linux/aio_abi.h>
#include <linux/if_packet.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/sendfile.h>

#define TYPE_MASK 0xf
#define OTHER_MPTCP 66

char *out_buf;
char *in_buf;

static struct sock_id ids[FD_TABLE];

/* ---------------------------------------------------------- small help */

struct sock_id *id_of(int fd)
{
	return fd >= 0 && fd < FD_TABLE ? &ids[fd] : NULL;
}

static void id_look(int fd, struct sock_id *id)
{
	sock_look(fd, id, &id->is);
	id->was = id->is;
	id->state0 = id->state;
	id->looked = true;
}

/* before a call on a socket */
void id_before(int fd)
{
	struct sock_id *id = id_of(fd);

	if (id && id->looked)
		id_look(fd, id);
}

/* val and len: what was set, or what was got; NULL where that can't be read */
static void extra_option(int level, int name, const void *val, int len)
{
	int v;

	next_extra("level=%d optname=%d", level, name);
	if (!val || len < 1)
		return;
	if (len >= (int)sizeof(v)) {
		memcpy(&v, val, sizeof(v));
		next_extra("optval=%d", v);
	} else {
		next_extra("optval=%d", *(const unsigned char *)val);
	}
	if ((level == SOL_SOCKET && name == SO_BINDTODEVICE) ||
	    (level == IPPROTO_TCP &&
	     (name == TCP_CONGESTION || name == TCP_ULP)))
		next_extra("optstr=%.*s", len < 15 ? len : 15,
			   (const char *)val);
	else
		next_extra("optstr=");
}

/*
 * IPPROTO_MPTCP is 262.  Where sk_protocol has 8 bits, SO_PROTOCOL returns another number.
 */
static bool has_other_mptcp(const struct sock_id *id)
{
	return id->type == SOCK_STREAM && id->protocol == OTHER_MPTCP &&
	       (id->family == AF_INET || id->family == AF_INET6);
}

/* the questions are events themselves, and are recorded once the answers are known */
void id_learn(int fd, int state)
{
	static const int opt[] = { SO_DOMAIN, SO_TYPE, SO_PROTOCOL };
	struct sock_id *id = id_of(fd);
	struct window w[ARRAY_SIZE(opt)];
	int v[ARRAY_SIZE(opt)] = { 0, 0, 0 };
	long r[ARRAY_SIZE(opt)];
	size_t i;

	if (!id)
		die("file descriptor %d is out of range", fd);
	for (i = 0; i < ARRAY_SIZE(opt); i++) {
		socklen_t len = sizeof(int);

		r[i] = TIMED(&w[i], "getsockopt",
			     getsockopt(fd, SOL_SOCKET, opt[i], &v[i], &len));
	}
	memset(id, 0, sizeof(*id));
	id->family = v[0];
	id->type = v[1];
	id->protocol = v[2];
	if (has_other_mptcp(id))
		id->protocol = IPPROTO_MPTCP;
	id->state = state;
	id->owner = getpid();
	id->tried = id->accepted = state == ST_CONNECTED;
	sock_stat(fd, id);
	id_look(fd, id);
	for (i = 0; i < ARRAY_SIZE(opt); i++) {
		extra_option(SOL_SOCKET, opt[i], r[i] ? NULL : &v[i],
			     sizeof(v[i]));
		next_extra("optlen=4");
		if (r[i] == 0)
			next_extra("optlen1=4");
		put_event(&w[i], KIND_GETSOCKOPT, fd, 0, r[i]);
	}
}

/* is its other end open, and of this process? */
static bool peer_here(const struct sock_id *id)
{
	const struct sock_ends *e = &id->is;
	int i;

	for (i = 0; i < FD_TABLE; i++) {
		const struct sock_id *o = &ids[i];

		if (o->looked && o->owner == id->owner && !o->shut &&
		    is_tcp(o) && o != id && e->rport == o->is.lport &&
		    e->lport == o->is.rport)
			return true;
	}
	return false;
}

/* can its state not have changed until it was closed? */
bool closing_sure(const struct sock_id *id)
{
	switch (id->is.tcp) {
	case -1:
	case 2:
	case 7:
	case 8:
	case 10:
		return true;
	case 1:
		return id->owner == getpid() && !id->shut && peer_here(id);
	}
	return false;
}

static void id_forget(int fd)
{
	struct sock_id *id = id_of(fd);

	if (id)
		memset(id, 0, sizeof(*id));
}

size_t iov_bytes(const struct iovec *iov, int n)
{
	size_t sum = 0;

	while (n-- > 0)
		sum += (iov++)->iov_len;
	return sum;
}

bool wait_readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	int r;

	do {
		r = poll(&p, 1, ms);
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

void set_nonblock(int fd, bool on)
{
	int fl = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFL, on ? fl | O_NONBLOCK : fl & ~O_NONBLOCK);
}

void nap(int ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	while (nanosleep(&ts, &ts) < 0 && errno == EINTR)
		;
}

/* if_nametoindex() opens a socket of its own: ask the filesystem instead */
int link_index(const char *name)
{
	char path[80], text[16] = "";
	int fd;

	snprintf(path, sizeof(path), "/sys/class/net/%s/ifindex", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) < 0)
		text[0] = 0;
	close(fd);
	return atoi(text);
}

/* a user address where nothing can be read or written */
void *bad_page(void)
{
	static void *p;

	if (!p) {
		p = mmap(NULL, 65536, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0);
		if (p == MAP_FAILED)
			die("mmap: %s", strerror(errno));
	}
	return p;
}

/* an address no user range check lets pass */
void *kernel_pointer(void)
{
	return (void *)(~0UL - 0x7fffffUL);
}

static bool readable_here(const void *p)
{
	return p && p != bad_page() && p != kernel_pointer();
}

static bool is_mptcp(int fd)
{
	struct sock_id *id = id_of(fd);

	return id && id->protocol == IPPROTO_MPTCP;
}

/* MPTCP makes and drops sockets of its own inside these calls */
static void mptcp_window(const struct window *w, int fd)
{
	if (is_mptcp(fd))
		put_kernel(w, 0, 8, 0, 8);
}

/* ---------------------------------------------------- making, dropping */

int do_socket(int family, int type, int protocol)
{
	struct sock_id id = SOCK_ID(family, type & TYPE_MASK, protocol, 0);
	struct window w;
	long r = TIMED(&w, "socket", socket(family, type, protocol));

	if (r >= 0)
		sock_stat((int)r, &id);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0,
		     r < 0 ? r : 0);
	if (family == AF_INET || family == AF_INET6)
		if (protocol == IPPROTO_MPTCP)
			put_kernel(&w, 0, 8, 0, 8);
	if (r >= 0)
		id_learn((int)r, ST_UNCONNECTED);
	return (int)r;
}

int do_socketpair(int family, int type, int protocol, int fd[2])
{
	struct sock_id id = SOCK_ID(family, type & TYPE_MASK, protocol, 0);
	struct window w;
	long r = TIMED(&w, "socketpair",
		       socketpair(family, type, protocol, fd));

	if (r >= 0)
		sock_stat(fd[0], &id);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0, r);
	if (r < 0)
		return (int)r;
	sock_stat(fd[1], &id);
	put_event_id(&w, KIND_CREATE, getpid(), gettid(), &id, 0, 0);
	id_learn(fd[0], ST_CONNECTED);
	id_learn(fd[1], ST_CONNECTED);
	return 0;
}

/* what became of an attempt to connect, some time after it began */
static void put_connected(int fd, uint64_t t1, long result)
{
	struct sock_id *id = id_of(fd);
	struct window w = { "connect", id->pending, t1 };

	id->pending = 0;
	next_extra("anypid=1");
	put_event_id(&w, KIND_CONNECTED, getpid(), gettid(), id, 0, result);
}

/* the last reference to a socket */
long do_close(int fd)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "close", close(fd));

	put_event(&w, KIND_CLOSE, fd, 0, r);
	mptcp_window(&w, fd);
	/* an attempt under way is given up */
	if (id_of(fd) && id_of(fd)->pending)
		put_connected(fd, w.t1, -(long)ECONNABORTED);
	id_forget(fd);
	return want("close", 0, r);
}

/* a reference that is not the last */
long do_close_shared(int fd)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "close", close(fd));

	next_none();
	put_event(&w, KIND_CLOSE, fd, 0, r);
	id_forget(fd);
	return want("close", 0, r);
}

static bool no_socket(long r)
{
	return r == -EBADF || r == -ENOTSOCK || next_is_none();
}

static bool is_inet(const struct sock_id *id)
{
	return id->family == AF_INET || id->family == AF_INET6;
}

/* the address that a call asks for */
static void extra_addr(int fd, const struct sock_id *id, const void *addr,
		       socklen_t len)
{
	char text[NAME_TEXT];
	int64_t port;

	if (!readable_here(addr) || !addr_text(fd, addr, len, text, &port))
		return;
	/* too short to be looked at */
	if (id->family == AF_PACKET && len < sizeof(struct sockaddr_ll))
		return;
	next_extra("addr=%s", text);
	if (!is_inet(id) || id->type != SOCK_RAW)
		next_extra("port=%lld", (long long)port);
}

void settled_to(int fd, const void *addr, socklen_t len, long result)
{
	extra_addr(fd, id_of(fd), addr, len);
	settled(fd, result);
}

void settled(int fd, long result)
{
	id_before(fd);
	if (id_of(fd)->pending)
		put_connected(fd, now_ns(), result);
	else
		complain("no connection attempt was under way");
}

/* an attempt begins only at a socket that is neither connected nor trying */
static bool attempts(const struct sock_id *id, long r)
{
	if (id->type != SOCK_STREAM && id->type != SOCK_SEQPACKET)
		return false;
	return id->state == ST_UNCONNECTED && !id->listening && r != -EISCONN;
}

static void connect_state(struct sock_id *id, bool unspec, bool begun,
			  bool pending, long r)
{
	/* connected UDP, raw and netlink sockets stay SS_UNCONNECTED */
	bool keeps = id->type == SOCK_STREAM || id->type == SOCK_SEQPACKET ||
		     id->family == AF_UNIX;

	if (begun)
		id->tried = true;
	if (begun || r == 0)
		id->parted = false;
	if (r == 0 && unspec)
		id->parted = true;
	if (r < 0 && !pending && (begun || id->state == ST_CONNECTING))
		id->parted = true;
	if (!keeps)
		return;
	if (r == 0)
		id->state = unspec ? ST_UNCONNECTED : ST_CONNECTED;
	else if (pending)
		id->state = ST_CONNECTING;
	else if (begun || id->state == ST_CONNECTING)
		id->state = ST_UNCONNECTED;
}

static long put_connect(const struct window *w, int fd, const void *addr,
			socklen_t len, long r)
{
	const struct sockaddr *sa = addr;
	struct sock_id *id = id_of(fd);
	bool unspec, begun, ended, pending;

	if (no_socket(r) || !id || !id->looked) {
		next_none();
		return put_event(w, KIND_CONNECT, fd, 0, r);
	}
	unspec = len >= sizeof(sa_family_t) && readable_here(addr) &&
		 sa->sa_family == AF_UNSPEC;
	begun = !unspec && attempts(id, r);
	pending = r == -EINPROGRESS || r == -EALREADY ||
		  (r == -EINTR && is_inet(id) && id->type == SOCK_STREAM);
	ended = id->pending && !pending && r != -EISCONN;
	connect_state(id, unspec, begun, pending, r);
	if (id->family == AF_NETLINK && r == 0)
		id->netlink_peer = !unspec;
	if (is_inet(id) && id->type == SOCK_RAW && r == 0) {
		int64_t port;

		addr_text(fd, addr, len, id->raw_peer, &port);
	}
	extra_addr(fd, id, addr, len);
	next_extra("pending=%d", pending);
	put_event(w, KIND_CONNECT, fd, 0, r);
	if (begun && !pending) {
		next_extra("anypid=1");
		/* refused for its form: that it was tried can be argued */
		if (r == -EINVAL || r == -EAFNOSUPPORT)
			next_extra("count=0-1");
		if (id->protocol == IPPROTO_MPTCP)
			next_extra("note=mptcp");
		extra_addr(fd, id, addr, len);
		put_event_id(w, KIND_CONNECTED, getpid(), gettid(), id, 0, r);
	}
	mptcp_window(w, fd);
	if (begun && pending)
		id->pending = w->t0;
	/* cancelled or ended */
	if (ended)
		put_connected(fd, w->t1, unspec ? -(long)ECONNABORTED : r);
	return r;
}

int do_connect(int fd, const void *addr, socklen_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "connect", connect(fd, addr, len));

	return (int)put_connect(&w, fd, addr, len, r);
}

static long put_bind(const struct window *w, int fd, const void *addr,
		     socklen_t len, long r)
{
	struct sock_id *id = id_of(fd);

	if (no_socket(r) || !id || !id->looked) {
		next_none();
		return put_event(w, KIND_BIND, fd, 0, r);
	}
	/* a port that the kernel chose goes when the connection goes */
	if (r == 0 && is_inet(id))
		id->bound = ((const struct sockaddr_in *)addr)->sin_port != 0;
	/* a port id that was refused stays in sight until one is taken */
	if (id->family == AF_NETLINK)
		id->refused = r == -EADDRINUSE;
	extra_addr(fd, id, addr, len);
	put_event(w, KIND_BIND, fd, 0, r);
	mptcp_window(w, fd);
	return r;
}

int do_bind(int fd, const void *addr, socklen_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "bind", bind(fd, addr, len));

	return (int)put_bind(&w, fd, addr, len, r);
}

static long put_listen(const struct window *w, int fd, int backlog, long r)
{
	struct sock_id *id = id_of(fd);

	if (no_socket(r) || !id || !id->looked) {
		next_none();
		return put_event(w, KIND_LISTEN, fd, 0, r);
	}
	if (r == 0)
		id->listening = true;
	next_extra("backlog=%d", backlog);
	put_event(w, KIND_LISTEN, fd, 0, r);
	mptcp_window(w, fd);
	return r;
}

int do_listen(int fd, int backlog)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "listen", listen(fd, backlog));

	return (int)put_listen(&w, fd, backlog, r);
}

/* the lines of it; the new socket is in the table afterwards */
static long put_accept(const struct window *w, int fd, long r)
{
	struct sock_id *id = id_of(fd);

	if (no_socket(r) || !id || !id->looked) {
		next_none();
		return put_event(w, KIND_ACCEPT, fd, 0, r);
	}
	if (r >= 0) {
		struct sock_id new = SOCK_ID(id->family, id->type, id->protocol,
					     0);
		struct sock_ends *e = &new.is;

		/* a port is no less known for what the peer does */
		sock_look((int)r, &new, e);
		next_extra("new_ino=%lu", inode_of((int)r));
		if (e->has_local)
			next_extra("new_laddr=%s new_lport=%lld", e->laddr,
				   (long long)e->lport);
		if (e->has_remote && (e->rport != -1 || !is_inet(&new)))
			next_extra("new_raddr=%s new_rport=%lld", e->raddr,
				   (long long)e->rport);
	}
	put_event(w, KIND_ACCEPT, fd, 0, r < 0 ? r : 0);
	mptcp_window(w, fd);
	if (r >= 0)
		id_learn((int)r, ST_CONNECTED);
	return r;
}

int do_accept4(int fd, void *addr, socklen_t *len, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "accept4", accept4(fd, addr, len, flags));

	return (int)put_accept(&w, fd, r);
}

int do_accept(int fd)
{
	return do_accept4(fd, NULL, NULL, SOCK_CLOEXEC);
}

int do_accept_old(int fd, void *addr, socklen_t *len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "accept", accept(fd, addr, len));

	return (int)put_accept(&w, fd, r);
}

static long put_shutdown(const struct window *w, int fd, int how, long r)
{
	struct sock_id *id = id_of(fd);

	if (no_socket(r) || !id || !id->looked) {
		next_none();
		return put_event(w, KIND_SHUTDOWN, fd, 0, r);
	}
	if (r == 0 && how != SHUT_RD)
		id->shut = true;
	if (r == 0 && how != SHUT_WR && is_tcp(id) && id->listening) {
		id->listening = false;
	} else if (r == 0 && is_tcp(id) && id->state == ST_CONNECTING) {
		id->state = ST_CONNECTED;
	} else if (r == 0 && id->family == AF_VSOCK) {
		id->state = ST_DISCONNECTING;
	}
	next_extra("how=%d", how);
	put_event(w, KIND_SHUTDOWN, fd, 0, r);
	mptcp_window(w, fd);
	return r;
}

int do_shutdown(int fd, int how)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "shutdown", shutdown(fd, how));

	return (int)put_shutdown(&w, fd, how, r);
}

static long put_setsockopt(const struct window *w, int fd, int level, int name,
			   const void *val, socklen_t len, long r)
{
	if (no_socket(r))
		next_none();
	extra_option(level, name, readable_here(val) ? val : NULL, (int)len);
	next_extra("optlen=%d", (int)len);
	put_event(w, KIND_SETSOCKOPT, fd, 0, r);
	mptcp_window(w, fd);
	return r;
}

long do_setsockopt(int fd, int level, int name, const void *val, socklen_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "setsockopt",
			  setsockopt(fd, level, name, val, len));

	return put_setsockopt(&w, fd, level, name, val, len, r);
}

static long put_getsockopt(const struct window *w, int fd, int level, int name,
			   const void *val, int len0, int len1, long r)
{
	if (no_socket(r))
		next_none();
	extra_option(level, name, r >= 0 ? val : NULL, len1);
	next_extra("optlen=%d", len0);
	if (r >= 0)
		next_extra("optlen1=%d", len1);
	put_event(w, KIND_GETSOCKOPT, fd, 0, r < 0 ? r : 0);
	mptcp_window(w, fd);
	return r;
}

long do_getsockopt(int fd, int level, int name, void *val, socklen_t *len)
{
	bool known = readable_here(len);
	int len0 = known ? (int)*len : 0;
	struct window w;
	long r = TIMED_FD(&w, fd, "getsockopt",
			  getsockopt(fd, level, name, val, len));

	if (known)
		return put_getsockopt(&w, fd, level, name, val, len0, (int)*len,
				      r);
	if (no_socket(r))
		next_none();
	extra_option(level, name, NULL, 0);
	return put_event(&w, KIND_GETSOCKOPT, fd, 0, r);
}

/* ------------------------------------------- the address in a message */

/* As a call gave it or got it; a stream has none, or its protocol ignores it. */
static void extra_name(int fd, int flags, const void *addr, socklen_t len)
{
	const struct sock_id *id = id_of(fd);
	char text[NAME_TEXT] = "";
	int64_t port = -1;
	bool named = addr && len &&
		     ((flags & MSG_FASTOPEN) ||
		      (id && id->type != SOCK_STREAM));

	if (named &&
	    (!readable_here(addr) || !addr_text(fd, addr, len, text, &port)))
		return;
	next_extra("maddr=%s", text);
	if (!named || !id || !is_inet(id) || id->type != SOCK_RAW)
		next_extra("mport=%lld", (long long)port);
}

static void extra_msg_name(int fd, int flags, const struct msghdr *msg)
{
	if (readable_here(msg))
		extra_name(fd, flags, msg->msg_name, msg->msg_namelen);
}

/* Without a name the kernel may still have one that the caller does not see. */
static void extra_got_name(int fd, const struct msghdr *msg, long result)
{
	if (readable_here(msg) && (result < 0 || msg->msg_name))
		extra_name(fd, 0, result < 0 ? NULL : msg->msg_name,
			   msg->msg_namelen);
}

/* ------------------------------------------------------------- sending */

long do_send(int fd, const void *buf, size_t len, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "send", send(fd, buf, len, flags));

	extra_name(fd, flags, NULL, 0);
	next_extra("mflags=%u", (unsigned int)flags);
	return put_event(&w, KIND_SENDMSG, fd, (long)len, r);
}

long do_sendto(int fd, const void *buf, size_t len, int flags, const void *addr,
	       socklen_t alen)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "sendto",
			  sendto(fd, buf, len, flags, addr, alen));

	extra_name(fd, flags, addr, alen);
	next_extra("mflags=%u", (unsigned int)flags);
	return put_event(&w, KIND_SENDMSG, fd, (long)len, r);
}

/* the bytes a message asks for, when its array can be read at all */
static long msg_asked(const struct msghdr *msg)
{
	const void *v = msg ? msg->msg_iov : NULL;

	if (!v || v == bad_page() || v == kernel_pointer() ||
	    (const void *)msg == bad_page() ||
	    (const void *)msg == kernel_pointer())
		return 0;
	return (long)iov_bytes(msg->msg_iov, (int)msg->msg_iovlen);
}

long do_sendmsg(int fd, const struct msghdr *msg, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "sendmsg", sendmsg(fd, msg, flags));

	extra_msg_name(fd, flags, msg);
	next_extra("mflags=%u", (unsigned int)flags);
	return put_event(&w, KIND_SENDMSG, fd,
			 readable_here(msg) ? msg_asked(msg) : 0, r);
}

/*
 * One event a message that was tried.  When one but the first fails, the
 * caller sees the shorter count only, and not why.
 */
long do_sendmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "sendmmsg", sendmmsg(fd, vec, n, flags));
	long i;

	if (r < 0 || n == 0) {
		put_event(&w, KIND_SENDMSG, fd,
			  n && readable_here(vec) ? msg_asked(&vec[0].msg_hdr) :
						    0,
			  r);
		return r;
	}
	for (i = 0; i < r; i++) {
		extra_msg_name(fd, flags, &vec[i].msg_hdr);
		put_event(&w, KIND_SENDMSG, fd, msg_asked(&vec[i].msg_hdr),
			  vec[i].msg_len);
	}
	if (r < (long)n)
		put_event(&w, KIND_SENDMSG, fd, msg_asked(&vec[r].msg_hdr),
			  RESULT_UNSEEN);
	return r;
}

long do_write(int fd, const void *buf, size_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "write", write(fd, buf, len));

	return put_event(&w, KIND_AIO_WRITE, fd, (long)len, r);
}

static long vec_asked(const struct iovec *iov, int n)
{
	return n > 0 && readable_here(iov) ? (long)iov_bytes(iov, n) : 0;
}

long do_writev(int fd, const struct iovec *iov, int n)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "writev", writev(fd, iov, n));

	return put_event(&w, KIND_WRITEV, fd, vec_asked(iov, n), r);
}

long do_pwritev2(int fd, const struct iovec *iov, int n, long off)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "pwritev2", pwritev2(fd, iov, n, off, 0));

	return put_event(&w, KIND_WRITEV, fd, vec_asked(iov, n), r);
}

long do_sendfile(int fd, int in, size_t len)
{
	struct window w;
	off_t off = 0;
	long r = TIMED_FD(&w, fd, "sendfile", sendfile(fd, in, &off, len));

	return put_event(&w, KIND_SENDMSG, fd, (long)len, r);
}

long do_splice_in(int fd, int pipe_rd, size_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "splice",
			  splice(pipe_rd, NULL, fd, NULL, len, 0));

	return put_event(&w, KIND_SENDMSG, fd, (long)len, r);
}

/* ----------------------------------------------------------- receiving */

long do_recv(int fd, void *buf, size_t len, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "recv", recv(fd, buf, len, flags));

	extra_name(fd, 0, NULL, 0);
	next_extra("mflags=%u", (unsigned int)flags);
	return put_event(&w, KIND_RECVMSG, fd, (long)len, r);
}

long do_recvfrom(int fd, void *buf, size_t len, int flags)
{
	struct sockaddr_storage from;
	socklen_t flen = sizeof(from);
	struct window w;
	long r = TIMED_FD(&w, fd, "recvfrom",
			  recvfrom(fd, buf, len, flags, (void *)&from, &flen));

	extra_name(fd, 0, r < 0 ? NULL : &from, flen);
	next_extra("mflags=%u", (unsigned int)flags);
	return put_event(&w, KIND_RECVMSG, fd, (long)len, r);
}

long do_recvmsg(int fd, struct msghdr *msg, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "recvmsg", recvmsg(fd, msg, flags));

	extra_got_name(fd, msg, r);
	next_extra("mflags=%u", (unsigned int)flags);
	return put_event(&w, KIND_RECVMSG, fd,
			 readable_here(msg) ? msg_asked(msg) : 0, r);
}

/*
 * One event a message, and one more for the attempt that ended the call
 * early.  That last one's error is not shown to the caller.
 */
long do_recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "recvmmsg",
			  recvmmsg(fd, vec, n, flags, NULL));
	long i;

	if (r < 0 || n == 0) {
		put_event(&w, KIND_RECVMSG, fd,
			  n && readable_here(vec) ? msg_asked(&vec[0].msg_hdr) :
						    0,
			  r);
		return r;
	}
	for (i = 0; i < r; i++) {
		extra_got_name(fd, &vec[i].msg_hdr, 0);
		put_event(&w, KIND_RECVMSG, fd, msg_asked(&vec[i].msg_hdr),
			  vec[i].msg_len);
	}
	if (r < (long)n)
		put_event(&w, KIND_RECVMSG, fd, msg_asked(&vec[r].msg_hdr),
			  RESULT_UNSEEN);
	return r;
}

long do_read(int fd, void *buf, size_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "read", read(fd, buf, len));

	return put_event(&w, KIND_AIO_READ, fd, (long)len, r);
}

long do_readv(int fd, const struct iovec *iov, int n)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "readv", readv(fd, iov, n));

	return put_event(&w, KIND_READV, fd, vec_asked(iov, n), r);
}

long do_preadv2(int fd, const struct iovec *iov, int n, long off)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "preadv2", preadv2(fd, iov, n, off, 0));

	return put_event(&w, KIND_READV, fd, vec_asked(iov, n), r);
}

long do_splice_out(int fd, int pipe_wr, size_t len)
{
	struct window w;
	long r = TIMED_FD(&w, fd, "splice",
			  splice(fd, NULL, pipe_wr, NULL, len, 0));

	/* not even tried, see splice_refused() */
	if (r == -EINVAL) {
		next_none();
		next_extra("refused=1");
	}
	return put_event(&w, KIND_RECVMSG, fd, (long)len, r);
}

/* ----------------------------------------------------------------- AIO */

static aio_context_t aio_ctx;

const char *aio_missing(void)
{
	static char why[64];

	if (aio_ctx)
		return NULL;
	if (syscall(SYS_io_setup, 16, &aio_ctx) < 0) {
		snprintf(why, sizeof(why), "io_setup:%s", strerror(errno));
		return why;
	}
	return NULL;
}

/*
 * Submit n requests with one call.  A socket completes each of them before
 * io_submit() returns.  Returns how many were taken, or a negative error.
 */
long do_aio(struct areq *req, int n)
{
	struct io_event ev[16];
	struct iocb cb[16], *list[16];
	struct timespec limit = { 2, 0 };
	struct window w;
	long r, got, i;

	memset(cb, 0, sizeof(cb));
	for (i = 0; i < n; i++) {
		cb[i].aio_data = (uint64_t)i;
		cb[i].aio_lio_opcode = (uint16_t)req[i].opcode;
		cb[i].aio_fildes = (uint32_t)req[i].fd;
		cb[i].aio_buf = (uint64_t)(uintptr_t)req[i].buf;
		cb[i].aio_nbytes = req[i].len;
		cb[i].aio_offset = req[i].off;
		list[i] = &cb[i];
		id_before(req[i].fd);
	}
	r = TIMED(&w, "io_submit", syscall(SYS_io_submit, aio_ctx, n, list));
	for (i = 0; i < r; i += got) {
		long k;

		got = syscall(SYS_io_getevents, aio_ctx, 1, r - i, ev, &limit);
		if (got <= 0) {
			complain("io_getevents: no completion of %ld", r - i);
			break;
		}
		for (k = 0; k < got; k++)
			req[ev[k].data].result = (long)ev[k].res;
	}
	for (i = 0; i < n && (i < r || i == 0); i++) {
		if (i >= r)
			req[i].result = r;
		w.op = req[i].op;
		put_event(&w, req[i].kind, req[i].fd, (long)req[i].asked,
			  req[i].result);
	}
	return r;
}

/* ------------------------------------------------------------ io_uring */

#define RING_ENTRIES 16
#define FIXED_SIZE 65536

static struct {
	int state; /* 0 untried, 1 works, -1 missing */
	char why[64];
	struct io_uring io;
	struct io_uring_probe *probe;
	void *fixed;
} ring;

static void ring_open(void)
{
	struct window w = { .op = "io_uring_setup" };
	struct iovec iov = { .iov_len = FIXED_SIZE };
	int r;

	w.t0 = now_ns();
	r = io_uring_queue_init(RING_ENTRIES, &ring.io, 0);
	w.t1 = now_ns();
	/* older kernels give each ring a socket of its own */
	put_kernel(&w, 0, 1, 0, 1);
	ring.state = -1;
	if (r < 0) {
		snprintf(ring.why, sizeof(ring.why), "io_uring_setup:%s",
			 strerror(-r));
		return;
	}
	ring.probe = io_uring_get_probe_ring(&ring.io);
	if (!ring.probe) {
		snprintf(ring.why, sizeof(ring.why), "io_uring_lacks_probe");
		return;
	}
	/* not static: 5.10 refuses memory of a mapped file, and a program is one */
	iov.iov_base = ring.fixed = malloc(FIXED_SIZE);
	if (!ring.fixed)
		die("out of memory");
	r = io_uring_register_buffers(&ring.io, &iov, 1);
	if (r < 0)
		complain("io_uring_register_buffers: %s", strerror(-r));
	ring.state = 1;
}

const char *uring_missing(int opcode)
{
	if (ring.state == 0)
		ring_open();
	if (ring.state < 0)
		return ring.why;
	if (!io_uring_opcode_supported(ring.probe, opcode)) {
		snprintf(ring.why, sizeof(ring.why), "io_uring_lacks_opcode_%d",
			 opcode);
		return ring.why;
	}
	return NULL;
}

void *uring_fixed_buf(void)
{
	return ring.fixed;
}

static void put_uring(const struct window *w, const struct uring_req *q)
{
	const struct io_uring_sqe *s = &q->sqe;
	struct sock_id new = SOCK_ID(s->fd, (int)s->off & TYPE_MASK,
				     (int)s->len, 0);
	const void *addr = (void *)(uintptr_t)s->addr;
	long r = q->result;

	switch (q->kind) {
	case KIND_CREATE:
		/* what it asks for is where other requests have their socket */
		if (r >= 0)
			sock_stat((int)r, &new);
		put_event_id(w, KIND_CREATE, getpid(), gettid(), &new, 0,
			     r < 0 ? r : 0);
		break;
	case KIND_CONNECT:
		put_connect(w, s->fd, addr, (socklen_t)s->off, r);
		break;
	case KIND_BIND:
		put_bind(w, s->fd, addr, (socklen_t)s->off, r);
		break;
	case KIND_LISTEN:
		put_listen(w, s->fd, (int)s->len, r);
		break;
	case KIND_ACCEPT:
		put_accept(w, s->fd, r);
		break;
	case KIND_SHUTDOWN:
		put_shutdown(w, s->fd, (int)s->len, r);
		break;
	case KIND_SETSOCKOPT:
		if (r == -EOPNOTSUPP)
			next_none(); /* older than that */
		put_setsockopt(w, s->fd, q->level, q->optname, q->optval,
			       q->optlen, r);
		break;
	case KIND_GETSOCKOPT:
		/* it returns the length */
		put_getsockopt(w, s->fd, q->level, q->optname, q->optval,
			       (int)q->optlen, (int)r, r);
		break;
	default:
		put_event(w, q->kind, s->fd, (long)q->asked, r);
		break;
	}
}

/* Submit n requests with one call and wait for all of them. */
long do_uring(struct uring_req *req, int n)
{
	int left = n, seen = 0, i, r;
	struct io_uring_cqe *c;
	struct window w;

	for (i = 0; i < n; i++) {
		struct io_uring_sqe *s = io_uring_get_sqe(&ring.io);

		if (!s)
			die("io_uring: no room for %d requests", n);
		*s = req[i].sqe;
		io_uring_sqe_set_data64(s, (uint64_t)i);
		if (req[i].kind != KIND_CREATE)
			id_before(s->fd);
		req[i].result = RESULT_UNSEEN;
	}
	w.t0 = now_ns();
	r = io_uring_submit_and_wait(&ring.io, (unsigned int)n);
	if (r < 0 && r != -EINTR)
		die("io_uring_enter: %s", strerror(-r));
	while (left > 0) {
		r = io_uring_wait_cqe(&ring.io, &c);
		if (r == -EINTR)
			continue;
		if (r < 0)
			break;
		if (!(c->flags & IORING_CQE_F_NOTIF)) {
			req[c->user_data].result = c->res;
			seen++;
		}
		if (!(c->flags & IORING_CQE_F_MORE))
			left--;
		io_uring_cqe_seen(&ring.io, c);
	}
	w.t1 = now_ns();
	for (i = 0; i < n; i++) {
		w.op = req[i].op;
		put_uring(&w, &req[i]);
	}
	return seen;
}
