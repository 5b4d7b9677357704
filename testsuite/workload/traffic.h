/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * traffic - make known socket traffic and write down exactly what was done.
 *
 * Shared declarations: the ledger, the recorded calls, the scenario table.
 */
#ifndef TRAFFIC_H
#define TRAFFIC_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define PRINTF(f, a) __attribute__((format(printf, f, a)))

/* the values of socket_state in <linux/net.h> */
enum {
	ST_UNCONNECTED = 1,
	ST_CONNECTING = 2,
	ST_CONNECTED = 3,
	ST_DISCONNECTING = 4,
};

enum kind {
	KIND_NONE,
	KIND_SENDMSG,
	KIND_AIO_WRITE,
	KIND_WRITEV,
	KIND_RECVMSG,
	KIND_AIO_READ,
	KIND_READV,
	KIND_CREATE,
	KIND_CLOSE,
	KIND_CONNECT,
	KIND_BIND,
	KIND_LISTEN,
	KIND_ACCEPT,
	KIND_SHUTDOWN,
	KIND_SETSOCKOPT,
	KIND_GETSOCKOPT,
	KIND_CONNECTED,
	KIND_MAX,
};

extern const char *const kind_name[KIND_MAX];

#define NAME_TEXT 448 /* 108 bytes, four characters each */
#define KEYS_TEXT 4096
#define TCP_VAGUE (-2) /* its state can't be known for certain */

/* the values of a socket that calls change */
struct sock_ends {
	char laddr[NAME_TEXT], raddr[NAME_TEXT];
	int64_t lport, rport;
	bool has_local, has_remote; /* known for certain */
	int tcp;
	int nonblock;
};

/* what the ledger says of a socket */
struct sock_id {
	int family, type, protocol, state;
	int state0;		  /* before the call */
	unsigned long ino, netns; /* 0: not known */
	bool looked;		  /* is and was are filled in */
	struct sock_ends was, is; /* before the last call, and after */
	bool bound, listening;	  /* by a call of ours; to a port */
	bool refused;		  /* its name was taken */
	bool tried, accepted;	  /* was asked to connect, or came so */
	bool parted;		  /* and is surely connected no more */
	bool netlink_peer;	  /* has been connected */
	char raw_peer[NAME_TEXT];
	bool shut;
	uint64_t pending; /* when an attempt under way began */
	pid_t owner;
};

#define SOCK_ID(f, t, p, s) \
	{ .family = (f), .type = (t), .protocol = (p), .state = (s) }

/* the time one call was inside the kernel */
struct window {
	const char *op;
	uint64_t t0, t1;
};

#define RESULT_UNSEEN (-100000L) /* the caller can't see the result */

/* ------------------------------------------------------------ ledger.c */

uint64_t now_ns(void);

void ledger_open(const char *path);
int ledger_finish(void);
unsigned int ledger_patience(void);
void ledger_watchdog(unsigned int seconds);
void ledger_child(void);
void ledger_line(const char *fmt, ...) PRINTF(1, 2);
void ledger_scenario(const char *name);
const char *ledger_cell_name(void);
unsigned int ledger_scenarios(void);

void complain(const char *fmt, ...) PRINTF(1, 2);
void note(const char *fmt, ...) PRINTF(1, 2);
void skip(const char *fmt, ...) PRINTF(1, 2);
void die(const char *fmt, ...) PRINTF(1, 2) __attribute__((noreturn));

/* the seen result must be the expected one; returns what was seen */
long want(const char *call, long expected, long seen);
/* the seen result must be one of n */
long want_any(const char *call, long seen, int n, ...);
/* the seen result must be 0 or more */
long want_ok(const char *call, long seen);

/* modifiers of the next line that is written */
void next_none(void);
bool next_is_none(void);
void next_extra(const char *fmt, ...) PRINTF(1, 2);

void put_event_id(const struct window *w, enum kind kind, pid_t pid, pid_t tid,
		  const struct sock_id *id, long asked, long result);
long put_event(const struct window *w, enum kind kind, int fd, long asked,
	       long result);
void put_kernel(const struct window *w, int cmin, int cmax, int lmin, int lmax);

#define TIMED(w, name, call)                            \
	({                                              \
		long timed_r_;                          \
		(w)->op = (name);                       \
		(w)->t0 = now_ns();                     \
		timed_r_ = (call);                      \
		(w)->t1 = now_ns();                     \
		timed_r_ < 0 ? -(long)errno : timed_r_; \
	})

/* the same of a call on a socket, whose values before it are kept */
#define TIMED_FD(w, fd, name, call)   \
	({                            \
		id_before(fd);        \
		TIMED(w, name, call); \
	})

/* ------------------------------------------------------------- names.c */

unsigned long inode_of(int fd);
unsigned long netns_now(void);
bool is_tcp(const struct sock_id *id);
bool addr_text(int fd, const void *addr, socklen_t len, char *out,
	       int64_t *port);
void sock_look(int fd, const struct sock_id *id, struct sock_ends *e);
void sock_stat(int fd, struct sock_id *id);
void keys_text(char *out, enum kind kind, const struct sock_id *id,
	       const struct sock_ends *was, long result);

/* ------------------------------------------------------------- calls.c */

#define FD_TABLE 4096

struct sock_id *id_of(int fd);
void id_learn(int fd, int state);
void id_before(int fd);
bool closing_sure(const struct sock_id *id);

int do_socket(int family, int type, int protocol);
int do_socketpair(int family, int type, int protocol, int fd[2]);
long do_close(int fd);
long do_close_shared(int fd);
int do_connect(int fd, const void *addr, socklen_t len);
int do_bind(int fd, const void *addr, socklen_t len);
int do_listen(int fd, int backlog);
int do_accept(int fd);
int do_accept4(int fd, void *addr, socklen_t *len, int flags);
int do_accept_old(int fd, void *addr, socklen_t *len);
int do_shutdown(int fd, int how);
long do_setsockopt(int fd, int level, int name, const void *val, socklen_t len);
long do_getsockopt(int fd, int level, int name, void *val, socklen_t *len);
/* an attempt to connect that went on after its call has come to this */
void settled(int fd, long result);
/* the same, with the address that it was for */
void settled_to(int fd, const void *addr, socklen_t len, long result);

long do_send(int fd, const void *buf, size_t len, int flags);
long do_sendto(int fd, const void *buf, size_t len, int flags, const void *addr,
	       socklen_t alen);
long do_sendmsg(int fd, const struct msghdr *msg, int flags);
long do_sendmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags);
long do_write(int fd, const void *buf, size_t len);
long do_writev(int fd, const struct iovec *iov, int n);
long do_pwritev2(int fd, const struct iovec *iov, int n, long off);
long do_sendfile(int fd, int in, size_t len);
long do_splice_in(int fd, int pipe_rd, size_t len);

long do_recv(int fd, void *buf, size_t len, int flags);
long do_recvfrom(int fd, void *buf, size_t len, int flags);
long do_recvmsg(int fd, struct msghdr *msg, int flags);
long do_recvmmsg(int fd, struct mmsghdr *vec, unsigned int n, int flags);
long do_read(int fd, void *buf, size_t len);
long do_readv(int fd, const struct iovec *iov, int n);
long do_preadv2(int fd, const struct iovec *iov, int n, long off);
long do_splice_out(int fd, int pipe_wr, size_t len);

/* one request of AIO */
struct areq {
	int opcode;
	enum kind kind;
	const char *op;
	int fd;
	void *buf;  /* data or iovec array */
	size_t len; /* bytes, or number of segments */
	size_t asked;
	int64_t off;
	long result;
};

/* one request of io_uring */
struct uring_req {
	struct io_uring_sqe sqe;
	enum kind kind;
	const char *op;
	size_t asked;
	int level, optname;
	void *optval;
	socklen_t optlen;
	long result;
};

const char *aio_missing(void);
long do_aio(struct areq *req, int n);
const char *uring_missing(int opcode);
void *uring_fixed_buf(void);
long do_uring(struct uring_req *req, int n);

size_t iov_bytes(const struct iovec *iov, int n);
bool wait_readable(int fd, int ms);
void set_nonblock(int fd, bool on);
void nap(int ms);
pid_t fork_child(void);
void reap(pid_t pid, int expected);
int link_index(const char *name);

/* a megabyte to send from, a megabyte and more to receive into */
#define BIG_SIZE (1024 * 1024)
extern char *out_buf;
extern char *in_buf;
void *bad_page(void);
void *kernel_pointer(void);

/* ------------------------------- transfer.c, faults.c, lives.c, conn.c */

struct scenario {
	char name[64];
	void (*run)(const struct scenario *c);
	const void *family, *xfer;
	size_t size;
};

struct scenario *scenario_add(void (*run)(const struct scenario *c),
			      const char *fmt, ...) PRINTF(2, 3);

/* two ends of one family, and a third that hears nothing of the others */
struct pair {
	const struct family *f;
	int s, r, l, x;
	struct sockaddr_storage to_r, to_x;
	socklen_t to_r_len, to_x_len;
	int queued;
	long queued_bytes;
	size_t size;
};

struct family {
	const char *name;
	int domain, type, protocol;
	bool dgram;
	bool named;
	bool slow;
	size_t header;
	bool (*open)(struct pair *p, bool want_x);
};

extern const struct family families[];
extern const unsigned int n_families;
const struct family *family_named(const char *name);
bool pair_open(struct pair *p, const char *family);
bool splice_refused(const struct family *f, long r);
void pair_close(struct pair *p);
int tcp_listener(struct sockaddr_storage *addr, socklen_t *len);
int memfd_of(size_t bytes);

void transfer_scenarios(void);
void fault_scenarios(void);
void life_scenarios(void);
void conn_scenarios(void);

/* ------------------------------------------------------------- storm.c */

int storm_main(int argc, char **argv);
int blocked_main(int argc, char **argv);
int unload_main(int argc, char **argv);
int churn_main(int argc, char **argv);
bool is_blocked(pid_t pid, pid_t tid);

#endif
