// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What the ledger says of a socket: its inode, its network namespace, its two
 * addresses, the state of its TCP connection.  All of it is had without a call
 * that makes an event.
 */
#include "traffic.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/vm_sockets.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/un.h>

unsigned long inode_of(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 ? 0 : (unsigned long)st.st_ino;
}

unsigned long netns_now(void)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st) < 0)
		return 0;
	return (unsigned long)st.st_ino;
}

/* bytes that do not print, space and backslash, as \ooo */
static void put_bytes(char *out, const char *p, size_t n)
{
	size_t at = 0;

	for (; n > 0 && at + 5 < NAME_TEXT; p++, n--) {
		unsigned char c = (unsigned char)*p;

		if (c > ' ' && c < 0x7f && c != '\\')
			out[at++] = (char)c;
		else
			at += (size_t)sprintf(out + at, "\\%03o", c);
	}
	out[at] = 0;
}

static void unix_text(const struct sockaddr_un *un, socklen_t len, char *out)
{
	size_t n = len > offsetof(struct sockaddr_un, sun_path) ?
			   len - offsetof(struct sockaddr_un, sun_path) :
			   0;

	out[0] = 0;
	if (n > sizeof(un->sun_path))
		n = sizeof(un->sun_path);
	if (n == 0)
		return;
	if (un->sun_path[0]) {
		put_bytes(out, un->sun_path, strnlen(un->sun_path, n));
		return;
	}
	out[0] = '@';
	put_bytes(out + 1, un->sun_path + 1, n - 1);
}

/* SIOCGIFNAME at the socket that there is: no event, and its own namespace */
static void link_text(int fd, int index, char *out)
{
	struct ifreq q;

	memset(&q, 0, sizeof(q));
	q.ifr_ifindex = index;
	out[0] = 0;
	if (index > 0 && ioctl(fd, SIOCGIFNAME, &q) == 0)
		put_bytes(out, q.ifr_name, strnlen(q.ifr_name, IFNAMSIZ));
}

/* an address as such; false where there is not enough of it */
bool addr_text(int fd, const void *addr, socklen_t len, char *out,
	       int64_t *port)
{
	const struct sockaddr *sa = addr;
	const struct sockaddr_in *in = addr;
	const struct sockaddr_in6 *in6 = addr;
	const struct sockaddr_nl *nl = addr;
	const struct sockaddr_ll *ll = addr;
	const struct sockaddr_vm *vm = addr;

	out[0] = 0;
	*port = -1;
	if (len < sizeof(sa_family_t))
		return false;
	switch (sa->sa_family) {
	case AF_UNSPEC:
		return true;
	case AF_UNIX:
		unix_text(addr, len, out);
		return true;
	case AF_INET:
		if (len < sizeof(*in))
			return false;
		inet_ntop(AF_INET, &in->sin_addr, out, NAME_TEXT);
		*port = ntohs(in->sin_port);
		return true;
	case AF_INET6:
		if (len < sizeof(*in6))
			return false;
		inet_ntop(AF_INET6, &in6->sin6_addr, out, NAME_TEXT);
		if (IN6_IS_ADDR_LINKLOCAL(&in6->sin6_addr) &&
		    in6->sin6_scope_id)
			sprintf(out + strlen(out), "%%%u", in6->sin6_scope_id);
		*port = ntohs(in6->sin6_port);
		return true;
	case AF_NETLINK:
		if (len < sizeof(*nl))
			return false;
		sprintf(out, "%u", nl->nl_pid);
		*port = nl->nl_groups;
		return true;
	case AF_PACKET:
		if (len < offsetof(struct sockaddr_ll, sll_hatype))
			return false;
		link_text(fd, ll->sll_ifindex, out);
		if (ll->sll_protocol)
			*port = ntohs(ll->sll_protocol);
		return ll->sll_ifindex == 0 || out[0];
	case AF_VSOCK:
		if (len < sizeof(*vm))
			return false;
		sprintf(out, "%u", vm->svm_cid);
		*port = vm->svm_port;
		return true;
	}
	return false;
}

static bool is_inet(const struct sock_id *id)
{
	return id->family == AF_INET || id->family == AF_INET6;
}

bool is_tcp(const struct sock_id *id)
{
	return is_inet(id) && id->type == SOCK_STREAM &&
	       id->protocol == IPPROTO_TCP;
}

/* is it an address that says no more than that there is none? */
static bool is_unset(const struct sock_id *id, const void *addr, int64_t port)
{
	const struct sockaddr *sa = addr;
	const struct sockaddr_in *in = addr;
	const struct sockaddr_in6 *in6 = addr;
	const struct sockaddr_nl *nl = addr;
	const struct sockaddr_vm *vm = addr;

	switch (sa->sa_family) {
	case AF_INET:
		return in->sin_addr.s_addr == 0 &&
		       (port == 0 || id->type == SOCK_RAW);
	case AF_INET6:
		return IN6_IS_ADDR_UNSPECIFIED(&in6->sin6_addr) &&
		       (port == 0 || id->type == SOCK_RAW);
	case AF_NETLINK:
		return nl->nl_pid == 0;
	case AF_VSOCK:
		return vm->svm_port == VMADDR_PORT_ANY;
	}
	return false;
}

static void unset(char *text, int64_t *port)
{
	text[0] = 0;
	*port = -1;
}

/*
 * The state of a connection, from the kernel's table: what is in none is not
 * connected.  A listener or a socket that never tried needs no look.
 */
static int tcp_look(const struct sock_id *id)
{
	char line[512];
	unsigned long inode;
	unsigned int state;
	int found = 7;
	FILE *f;

	if (!is_inet(id) || id->type != SOCK_STREAM)
		return -1;
	if (id->protocol != IPPROTO_TCP || !id->ino)
		return TCP_VAGUE;
	if (!id->tried)
		return id->listening ? 10 : 7;
	f = fopen(id->family == AF_INET ? "/proc/net/tcp" : "/proc/net/tcp6",
		  "re");
	if (!f)
		return TCP_VAGUE;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, " %*d: %*s %*s %x %*s %*s %*s %*d %*d %lu",
			   &state, &inode) == 2 &&
		    inode == id->ino) {
			found = (int)state;
			break;
		}
	}
	fclose(f);
	return found;
}

static void remote_look(int fd, const struct sock_id *id, struct sock_ends *e)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	unset(e->raddr, &e->rport);
	e->has_remote = true;
	memset(&a, 0, sizeof(a));
	if (id->family == AF_PACKET)
		return;
	if (is_inet(id) && id->type == SOCK_RAW) {
		strcpy(e->raddr, id->raw_peer);
		return;
	}
	if (id->family == AF_NETLINK && !id->netlink_peer)
		return;
	if (getpeername(fd, (void *)&a, &len) == 0) {
		if (len >= sizeof(sa_family_t))
			addr_text(fd, &a, len, e->raddr, &e->rport);
		return;
	}
	/* on its way, or what it was connected to before */
	if (id->tried && !id->parted)
		e->has_remote = false;
}

static void local_look(int fd, const struct sock_id *id, struct sock_ends *e)
{
	struct sockaddr_storage a;
	socklen_t len = sizeof(a);

	unset(e->laddr, &e->lport);
	e->has_local = false;
	memset(&a, 0, sizeof(a));
	if (getsockname(fd, (void *)&a, &len) < 0)
		return;
	e->has_local = true;
	if (a.ss_family == AF_PACKET && id->type == SOCK_PACKET) {
		/* its old kind of address is a name */
		put_bytes(e->laddr, ((struct sockaddr *)&a)->sa_data,
			  strnlen(((struct sockaddr *)&a)->sa_data, 14));
		e->has_local = false;
		return;
	}
	e->has_local = addr_text(fd, &a, len, e->laddr, &e->lport);
	if (is_unset(id, &a, e->lport)) {
		unset(e->laddr, &e->lport);
		return;
	}
	if (is_inet(id) && id->type == SOCK_RAW)
		e->lport = -1;
	if (id->refused)
		e->has_local = false;
	/* a connection's port goes with it, what is reported may be stale */
	if (is_tcp(id) && id->tried && e->tcp == 7 &&
	    !(id->bound && !id->accepted))
		e->has_local = false;
}

void sock_look(int fd, const struct sock_id *id, struct sock_ends *e)
{
	int keep = errno, fl;

	e->tcp = tcp_look(id);
	local_look(fd, id, e);
	remote_look(fd, id, e);
	fl = fcntl(fd, F_GETFL);
	e->nonblock = fl < 0 ? -1 : !!(fl & O_NONBLOCK);
	errno = keep;
}

/* what is known of a socket that is not in the table yet */
void sock_stat(int fd, struct sock_id *id)
{
	id->ino = inode_of(fd);
	id->netns = netns_now();
}

/* ---------------------------------------------------------------- text */

static size_t add(char *out, size_t at, const char *fmt, ...) PRINTF(3, 4);

static size_t add(char *out, size_t at, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(out + at, KEYS_TEXT - at, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= KEYS_TEXT - at)
		return KEYS_TEXT - 1;
	return at + (size_t)n;
}

/* can both of these states have been the one at the call's end? */
static bool tcp_sure(enum kind kind, int before, int after, long result)
{
	if (after == TCP_VAGUE)
		return false;
	if (before == after)
		return true;
	switch (kind) {
	case KIND_CONNECT:
		return result == 0 || after == 2 || after == 7;
	case KIND_LISTEN:
		return true;
	case KIND_SHUTDOWN:
		return after == 4 || after == 9 || before == 10;
	default:
		return false;
	}
}

/* and was that the one at its beginning? */
static bool tcp0_sure(enum kind kind, int before)
{
	switch (kind) {
	case KIND_CONNECT:
	case KIND_LISTEN:
		return before == 7 || before == 10;
	case KIND_SHUTDOWN:
		return before == 1 || before == 8 || before == 10;
	default:
		return false;
	}
}

void keys_text(char *out, enum kind kind, const struct sock_id *id,
	       const struct sock_ends *was, long result)
{
	const struct sock_ends *is = &id->is;
	size_t at = 0;
	int tcp = is->tcp;
	/* on its way: whether it counts as having a remote can be argued */
	bool halfway = kind == KIND_CONNECT &&
		       (result == -EINPROGRESS || result == -EINTR);

	out[0] = 0;
	if (!id->ino)
		return;
	at = add(out, at, " ino=%lu netns=%lu", id->ino, id->netns);
	if (kind == KIND_CREATE || !id->looked)
		return;
	if (is->nonblock >= 0)
		at = add(out, at, " nonblock=%d", is->nonblock);
	if (kind == KIND_CONNECTED && result < 0)
		return;
	if (is->has_local)
		at = add(out, at, " laddr=%s lport=%lld", is->laddr,
			 (long long)is->lport);
	if (is->has_remote && !halfway)
		at = add(out, at, " raddr=%s rport=%lld", is->raddr,
			 (long long)is->rport);
	if (kind == KIND_CONNECTED)
		return;
	if (was ? tcp_sure(kind, was->tcp, tcp, result) : tcp != TCP_VAGUE)
		at = add(out, at, " tcp=%d", tcp);
	if (!was)
		return;
	if (was->has_local && is->has_local && strcmp(was->laddr, is->laddr))
		at = add(out, at, " laddr0=%s", was->laddr);
	if (was->has_local && is->has_local && was->lport != is->lport)
		at = add(out, at, " lport0=%lld", (long long)was->lport);
	if (was->has_local && !is->has_local)
		at = add(out, at, " laddr0=%s lport0=%lld", was->laddr,
			 (long long)was->lport);
	if (was->has_remote && is->has_remote && !halfway &&
	    strcmp(was->raddr, is->raddr))
		at = add(out, at, " raddr0=%s", was->raddr);
	if (was->has_remote && is->has_remote && !halfway &&
	    was->rport != is->rport)
		at = add(out, at, " rport0=%lld", (long long)was->rport);
	if (was->has_remote && (!is->has_remote || halfway))
		at = add(out, at, " raddr0=%s rport0=%lld", was->raddr,
			 (long long)was->rport);
	if (was->tcp != tcp && was->tcp != TCP_VAGUE &&
	    tcp0_sure(kind, was->tcp))
		add(out, at, " tcp0=%d", was->tcp);
}
