/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the names of numbers and bits.
 *
 * Each table is a list that stands here once; the rest is made from it.  A
 * name that is here may get company, but neither changes nor goes.  Also
 * compiled outside the kernel, by testsuite/unit/names.c.
 */
#ifndef SOCKET_TAPSET_NAMES_H
#define SOCKET_TAPSET_NAMES_H

#ifdef __KERNEL__
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/string.h>
#include <linux/types.h>
#else
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#endif

/* ------------------------------------------------------------- tables */

/*
 * IANA's protocol numbers, spelt as systemtap always did.  It has them from an
 * old /etc/protocols, which calls 33, 48, 50, 51 and 127 by names that IANA
 * does not have; those are second names here.  IANA has no keyword for 61, 63,
 * 68, 99 and 114.  From 255 on they are Linux's own.
 */
#define SOCKET_PROTOCOLS(X)						\
	X(0, "IP") X(1, "ICMP") X(2, "IGMP") X(3, "GGP")		\
	X(4, "IPENCAP") X(5, "ST") X(6, "TCP") X(7, "CBT") X(8, "EGP")	\
	X(9, "IGP") X(10, "BBN-RCC") X(11, "NVP") X(12, "PUP")		\
	X(13, "ARGUS") X(14, "EMCON") X(15, "XNET") X(16, "CHAOS")	\
	X(17, "UDP") X(18, "MUX") X(19, "DCN") X(20, "HMP")		\
	X(21, "PRM") X(22, "XNS-IDP") X(23, "TRUNK-1")			\
	X(24, "TRUNK-2") X(25, "LEAF-1") X(26, "LEAF-2") X(27, "RDP")	\
	X(28, "IRTP") X(29, "ISO-TP4") X(30, "NETBLT")			\
	X(31, "MFE-NSP") X(32, "MERIT-INP") X(33, "DCCP") X(34, "3PC")	\
	X(35, "IDPR") X(36, "XTP") X(37, "DDP") X(38, "IDPR-CMTP")	\
	X(39, "TP++") X(40, "IL") X(41, "IPV6") X(42, "SDRP")		\
	X(43, "IPV6-ROUTE") X(44, "IPV6-FRAG") X(45, "IDRP")		\
	X(46, "RSVP") X(47, "GRE") X(48, "DSR") X(49, "BNA")		\
	X(50, "ESP") X(51, "AH") X(52, "I-NLSP") X(53, "SWIPE")		\
	X(54, "NARP") X(55, "MOBILE") X(56, "TLSP") X(57, "SKIP")	\
	X(58, "IPV6-ICMP") X(59, "IPV6-NONXT") X(60, "IPV6-OPTS")	\
	X(62, "CFTP") X(64, "SAT-EXPAK") X(65, "KRYPTOLAN")		\
	X(66, "RVD") X(67, "IPPC") X(69, "SAT-MON") X(70, "VISA")	\
	X(71, "IPCV") X(72, "CPNX") X(73, "CPHB") X(74, "WSN")		\
	X(75, "PVP") X(76, "BR-SAT-MON") X(77, "SUN-ND")		\
	X(78, "WB-MON") X(79, "WB-EXPAK") X(80, "ISO-IP")		\
	X(81, "VMTP") X(82, "SECURE-VMTP") X(83, "VINES") X(84, "TTP")	\
	X(85, "NSFNET-IGP") X(86, "DGP") X(87, "TCF") X(88, "EIGRP")	\
	X(89, "OSPF") X(90, "SPRITE-RPC") X(91, "LARP") X(92, "MTP")	\
	X(93, "AX.25") X(94, "IPIP") X(95, "MICP") X(96, "SCC-SP")	\
	X(97, "ETHERIP") X(98, "ENCAP") X(100, "GMTP") X(101, "IFMP")	\
	X(102, "PNNI") X(103, "PIM") X(104, "ARIS") X(105, "SCPS")	\
	X(106, "QNX") X(107, "A/N") X(108, "IPCOMP") X(109, "SNP")	\
	X(110, "COMPAQ-PEER") X(111, "IPX-IN-IP") X(112, "VRRP")	\
	X(113, "PGM") X(115, "L2TP") X(116, "DDX") X(117, "IATP")	\
	X(118, "STP") X(119, "SRP") X(120, "UTI") X(121, "SMP")		\
	X(122, "SM") X(123, "PTP") X(124, "ISIS") X(125, "FIRE")	\
	X(126, "CRTP") X(127, "CRUDP") X(128, "SSCOPMCE")		\
	X(129, "IPLT") X(130, "SPS") X(131, "PIPE") X(132, "SCTP")	\
	X(133, "FC") X(134, "RSVP-E2E-IGNORE")				\
	X(135, "Mobility-Header") X(136, "UDPLite")			\
	X(137, "MPLS-IN-IP") X(138, "MANET") X(139, "HIP")		\
	X(140, "SHIM6") X(141, "WESP") X(142, "ROHC")			\
	X(143, "ETHERNET") X(144, "AGGFRAG") X(145, "NSH")		\
	X(146, "HOMA") X(147, "BIT-EMU") X(255, "RAW") X(256, "SMC")	\
	X(262, "MPTCP")

/* What IANA, /etc/protocols and linux/in.h call them besides. */
#define SOCKET_PROTOCOL_SECOND_NAMES(X)					\
	X(0, "HOPOPT") X(0, "HOPOPTS") X(4, "IP-ENCAP") X(4, "IPV4")	\
	X(4, "IPPROTO_IPIP") X(10, "BBN-RCC-MON") X(11, "NVP-II")	\
	X(19, "DCN-MEAS") X(22, "IDP") X(29, "TP") X(33, "SEP")		\
	X(43, "ROUTING") X(44, "FRAGMENT") X(48, "MHRP")		\
	X(50, "IPSEC-ESP") X(50, "IPV6-CRYPT") X(51, "IPSEC-AH")	\
	X(51, "IPV6-AUTH") X(55, "MIN-IPV4") X(58, "ICMPV6")		\
	X(59, "NONE") X(60, "DSTOPTS") X(73, "RSPF") X(84, "IPTM")	\
	X(89, "OSPFIGP") X(94, "BEETPH") X(108, "COMP")			\
	X(127, "CRDUP") X(135, "MH") X(137, "MPLS")

/* linux/socket.h */
#define SOCKET_FAMILIES(X)						\
	X(0, "UNSPEC") X(1, "LOCAL") X(2, "INET") X(3, "AX25")		\
	X(4, "IPX") X(5, "APPLETALK") X(6, "NETROM") X(7, "BRIDGE")	\
	X(8, "ATMPVC") X(9, "X25") X(10, "INET6") X(11, "ROSE")		\
	X(12, "DECNET") X(13, "NETBEUI") X(14, "SECURITY")		\
	X(15, "KEY") X(16, "NETLINK") X(17, "PACKET") X(18, "ASH")	\
	X(19, "ECONET") X(20, "ATMSVC") X(21, "RDS") X(22, "SNA")	\
	X(23, "IRDA") X(24, "PPPOX") X(25, "WANPIPE") X(26, "LLC")	\
	X(27, "IB") X(28, "MPLS") X(29, "CAN") X(30, "TIPC")		\
	X(31, "BLUETOOTH") X(32, "IUCV") X(33, "RXRPC") X(34, "ISDN")	\
	X(35, "PHONET") X(36, "IEEE802154") X(37, "CAIF") X(38, "ALG")	\
	X(39, "NFC") X(40, "VSOCK") X(41, "KCM") X(42, "QIPCRTR")	\
	X(43, "SMC") X(44, "XDP") X(45, "MCTP")

#define SOCKET_FAMILY_SECOND_NAMES(X)					\
	X(1, "UNIX") X(1, "FILE") X(16, "ROUTE")

/* enum socket_state of linux/net.h */
#define SOCKET_STATES(X)						\
	X(0, "FREE") X(1, "UNCONNECTED") X(2, "CONNECTING")		\
	X(3, "CONNECTED") X(4, "DISCONNECTING")

/* enum sock_type of linux/net.h; MIPS has 1 and 2 the other way round. */
#if defined(__mips__)
#define SOCKET_TYPE_STREAM 2
#define SOCKET_TYPE_DGRAM 1
#else
#define SOCKET_TYPE_STREAM 1
#define SOCKET_TYPE_DGRAM 2
#endif
#define SOCKET_TYPES(X)							\
	X(SOCKET_TYPE_STREAM, "STREAM") X(SOCKET_TYPE_DGRAM, "DGRAM")	\
	X(3, "RAW") X(4, "RDM") X(5, "SEQPACKET") X(6, "DCCP")		\
	X(10, "PACKET")

/*
 * MSG_* of linux/socket.h.  One name for a bit that has more: TRYHARD is
 * DONTROUTE, EOF is FIN, and inside sendpage 0x10000 is SENDPAGE_NOPOLICY.
 * SENDPAGE_NOTLAST went with sendpage in 6.5.
 */
#define SOCKET_MESSAGE_FLAGS(X)						\
	X(0x1, "OOB") X(0x2, "PEEK") X(0x4, "DONTROUTE")		\
	X(0x8, "CTRUNC") X(0x10, "PROBE") X(0x20, "TRUNC")		\
	X(0x40, "DONTWAIT") X(0x80, "EOR") X(0x100, "WAITALL")		\
	X(0x200, "FIN") X(0x400, "SYN") X(0x800, "CONFIRM")		\
	X(0x1000, "RST") X(0x2000, "ERRQUEUE") X(0x4000, "NOSIGNAL")	\
	X(0x8000, "MORE") X(0x10000, "WAITFORONE")			\
	X(0x20000, "SENDPAGE_NOTLAST") X(0x40000, "BATCH")		\
	X(0x80000, "NO_SHARED_FRAGS")					\
	X(0x100000, "SENDPAGE_DECRYPTED")				\
	X(0x2000000, "SOCK_DEVMEM") X(0x4000000, "ZEROCOPY")		\
	X(0x8000000, "SPLICE_PAGES") X(0x20000000, "FASTOPEN")		\
	X(0x40000000, "CMSG_CLOEXEC") X(0x80000000, "CMSG_COMPAT")

/* ------------------------------------------------------------- lookups */

struct socket_second_name {
	int number;
	const char *name;
};

struct socket_name_table {
	const char *const *names; /* by number, NULL where there is none */
	int size;
	const struct socket_second_name *second; /* up to one without name */
	const char *const *prefixes; /* lower case, up to NULL */
};

#define SOCKET_NAME_BY_NUMBER(number, name) [number] = name,
#define SOCKET_NUMBER_AND_NAME(number, name) { number, name },
#define SOCKET_NO_SECOND_NAMES(X)

#define SOCKET_NAME_TABLE(table, LIST, SECOND, ...)			\
	static const char *const table##_names[] = {			\
		LIST(SOCKET_NAME_BY_NUMBER)				\
	};								\
	static const struct socket_second_name table##_second[] = {	\
		SECOND(SOCKET_NUMBER_AND_NAME) { 0, NULL }		\
	};								\
	static const char *const table##_prefixes[] = {			\
		__VA_ARGS__, NULL					\
	};								\
	static const struct socket_name_table table = {			\
		.names = table##_names,					\
		.size = sizeof(table##_names) / sizeof(*table##_names),	\
		.second = table##_second,				\
		.prefixes = table##_prefixes,				\
	}

SOCKET_NAME_TABLE(socket_protocols, SOCKET_PROTOCOLS,
		  SOCKET_PROTOCOL_SECOND_NAMES, "ipproto_");
SOCKET_NAME_TABLE(socket_families, SOCKET_FAMILIES,
		  SOCKET_FAMILY_SECOND_NAMES, "af_", "pf_");
SOCKET_NAME_TABLE(socket_states, SOCKET_STATES,
		  SOCKET_NO_SECOND_NAMES, "ss_");
SOCKET_NAME_TABLE(socket_types, SOCKET_TYPES,
		  SOCKET_NO_SECOND_NAMES, "sock_");

/* The name of a number, or NULL. */
static inline const char *socket_name_of(const struct socket_name_table *table,
					 int64_t number)
{
	if (number < 0 || number >= table->size)
		return NULL;
	return table->names[number];
}

static inline char socket_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static inline int socket_same_name(const char *a, const char *b)
{
	while (*a && socket_lower(*a) == socket_lower(*b)) {
		a++;
		b++;
	}
	return socket_lower(*a) == socket_lower(*b);
}

/* What follows the prefix in the name, or NULL when it begins otherwise. */
static inline const char *socket_after_prefix(const char *name,
					      const char *prefix)
{
	while (*prefix) {
		if (socket_lower(*name) != *prefix)
			return NULL;
		name++;
		prefix++;
	}
	return name;
}

static inline int64_t
socket_number_of_bare(const struct socket_name_table *table, const char *name)
{
	const struct socket_second_name *second;
	int number;

	for (number = 0; number < table->size; number++) {
		if (table->names[number] &&
		    socket_same_name(table->names[number], name))
			return number;
	}
	for (second = table->second; second->name; second++) {
		if (socket_same_name(second->name, name))
			return second->number;
	}
	return -1;
}

/*
 * The number of a name, or -1.  The whole name goes first: IPPROTO_IPIP is 4,
 * but the protocol IPIP is 94.
 */
static inline int64_t socket_number_of(const struct socket_name_table *table,
				       const char *name)
{
	const char *const *prefix = table->prefixes;
	int64_t number = socket_number_of_bare(table, name);
	const char *bare;

	for (; number < 0 && *prefix; prefix++) {
		bare = socket_after_prefix(name, *prefix);
		if (bare)
			number = socket_number_of_bare(table, bare);
	}
	return number;
}

/* As much of the text as fits, always ended. */
static inline void socket_put_text(char *to, size_t size, const char *text)
{
	size_t length = strlen(text);

	if (!size)
		return;
	if (length > size - 1)
		length = size - 1;
	memcpy(to, text, length);
	to[length] = '\0';
}

static inline void socket_put_name(char *to, size_t size,
				   const struct socket_name_table *table,
				   int64_t number)
{
	const char *name = socket_name_of(table, number);

	socket_put_text(to, size, name ? name : "UNDEF");
}

/* ------------------------------------------------------------- flags */

struct socket_flag_name {
	uint64_t mask;
	const char *name;
};

static const struct socket_flag_name socket_message_flags[] = {
	SOCKET_MESSAGE_FLAGS(SOCKET_NUMBER_AND_NAME) { 0, NULL }
};

/*
 * Bits of struct socket's flags, numbered by the kernel we are built for.
 * Macros in older kernels: 5.10 has five, 6.1 also SUPPORT_ZC, 6.12 all eight.
 * In 7.2 an enum, which #ifdef can't ask, of five, renumbered; the PASS* are in
 * struct sock there (they moved in 6.16).
 */
#ifdef SOCKWQ_ASYNC_NOSPACE
#define SOCKET_FLAGS_ARE_MACROS
#endif
#if defined(__KERNEL__) || defined(SOCKET_FLAGS_ARE_MACROS)
#define SOCKET_FLAG(bit, name) { (uint64_t)1 << (bit), name }
static const struct socket_flag_name socket_socket_flags[] = {
	SOCKET_FLAG(SOCKWQ_ASYNC_NOSPACE, "ASYNC_NOSPACE"),
	SOCKET_FLAG(SOCKWQ_ASYNC_WAITDATA, "ASYNC_WAITDATA"),
	SOCKET_FLAG(SOCK_NOSPACE, "NOSPACE"),
#ifdef SOCK_PASSCRED
	SOCKET_FLAG(SOCK_PASSCRED, "PASSCRED"),
#endif
#ifdef SOCK_PASSSEC
	SOCKET_FLAG(SOCK_PASSSEC, "PASSSEC"),
#endif
#if defined(SOCK_SUPPORT_ZC) || !defined(SOCKET_FLAGS_ARE_MACROS)
	SOCKET_FLAG(SOCK_SUPPORT_ZC, "SUPPORT_ZC"),
#endif
#if defined(SOCK_CUSTOM_SOCKOPT) || !defined(SOCKET_FLAGS_ARE_MACROS)
	SOCKET_FLAG(SOCK_CUSTOM_SOCKOPT, "CUSTOM_SOCKOPT"),
#endif
#ifdef SOCK_PASSPIDFD
	SOCKET_FLAG(SOCK_PASSPIDFD, "PASSPIDFD"),
#endif
	{ 0, NULL }
};
#endif

static inline size_t socket_hex_digits(uint64_t value)
{
	size_t digits = 1;

	while (value >>= 4)
		digits++;
	return digits;
}

/* The digit at that place, 0 the last. */
static inline char socket_hex_digit(uint64_t value, size_t place)
{
	return "0123456789abcdef"[(value >> (4 * place)) & 15];
}

/* Characters that the bits without a name take behind "length" others. */
static inline size_t socket_rest_length(size_t length, uint64_t rest)
{
	return rest ? (length ? 1 : 0) + 2 + socket_hex_digits(rest) : 0;
}

/*
 * The names of the set bits, joined by "|", what has no name as hexadecimal.
 * Nothing is lost when size is too small for all: the bits whose names do not
 * fit are in the hexadecimal number.  Empty when not even that fits.
 */
static inline void socket_put_flags(char *to, size_t size,
				    const struct socket_flag_name *flag,
				    uint64_t rest)
{
	size_t length = 0;
	size_t bar, digits, named;

	if (!size)
		return;
	for (; flag->name; flag++) {
		if (!(rest & flag->mask))
			continue;
		bar = length ? 1 : 0;
		named = length + bar + strlen(flag->name);
		if (named + socket_rest_length(named, rest & ~flag->mask) >=
		    size)
			continue;
		if (bar)
			to[length++] = '|';
		memcpy(to + length, flag->name, named - length);
		length = named;
		rest &= ~flag->mask;
	}
	if (rest && length + socket_rest_length(length, rest) < size) {
		if (length)
			to[length++] = '|';
		to[length++] = '0';
		to[length++] = 'x';
		for (digits = socket_hex_digits(rest); digits; digits--)
			to[length++] = socket_hex_digit(rest, digits - 1);
	}
	to[length] = '\0';
}

/* -1 is how the tapset says that it could not read them. */
static inline void
socket_put_known_flags(char *to, size_t size,
		       const struct socket_flag_name *flag, int64_t flags)
{
	if (flags == -1)
		socket_put_text(to, size, "UNDEF");
	else
		socket_put_flags(to, size, flag, (uint64_t)flags);
}

/* Message flags are an int in most of the kernel: bit 31 may be its sign. */
static inline void socket_put_message_flags(char *to, size_t size,
					    int64_t flags)
{
	if (flags < -1 && flags >= -2147483647 - 1)
		flags = (uint32_t)flags;
	socket_put_known_flags(to, size, socket_message_flags, flags);
}

#endif
