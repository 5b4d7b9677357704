/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runtime room: the names of numbers and bits, and back.
 *
 * The lists are in socket_tables.h.  Nothing here allocates, locks or keeps state.
 * testsuite/unit/names.c and testsuite/fuzz/names.c compile it outside the kernel.
 */
#ifndef SOCKET_TAPSET_NAMES_H
#define SOCKET_TAPSET_NAMES_H

/* All headers that define constants of the lists, for SOCKET_CHECK. */
#ifdef __KERNEL__
#include <linux/errno.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/kernel.h>
#include <linux/net.h>
#include <linux/socket.h>
#include <linux/string.h>
#include <linux/types.h>
#include <linux/version.h>
#include <net/bluetooth/bluetooth.h>
#include <net/tcp_states.h>
#include <uapi/linux/can.h>
#include <uapi/linux/can/raw.h>
#include <uapi/linux/icmp.h>
#include <uapi/linux/icmpv6.h>
#include <uapi/linux/if_alg.h>
#include <uapi/linux/if_ether.h>
#include <uapi/linux/if_packet.h>
#include <uapi/linux/if_pppox.h>
#include <uapi/linux/if_xdp.h>
#include <uapi/linux/mptcp.h>
#include <uapi/linux/netlink.h>
#include <uapi/linux/nfc.h>
#include <uapi/linux/phonet.h>
#include <uapi/linux/sctp.h>
#include <uapi/linux/tcp.h>
#include <uapi/linux/tipc.h>
#include <uapi/linux/tls.h>
#include <uapi/linux/udp.h>
#include <uapi/linux/vm_sockets.h>
#else
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#endif
#include "runtime/socket_tables.h"

#define SOCKET_LENGTH(array) (sizeof(array) / sizeof(*(array)))

struct socket_name_row {
	uint64_t number;
	const char *name;
};

/* For each hash the rows whose names have it. */
struct socket_name_index {
	const unsigned short *start; /* by hash; one more ends the last */
	const unsigned short *order;
	unsigned int mask, multiplier;
};

struct socket_name_table {
	const struct socket_name_row *rows;
	int first; /* rows with the first name of a number; second names follow */
	int all;
	const char *const *names; /* by number; NULL where there is none */
	int size;
	const struct socket_name_index *index; /* NULL: none */
	const struct socket_name_row *prefixed; /* names valid only with a prefix */
	const char *prefixes[2];
};

#define SOCKET_CHECK(constant, number)					\
	_Static_assert((constant) == (number),				\
		       #constant " is not " #number " as in socket_tables.h")
#include "runtime/socket_derived.h"

#define SOCKET_NAME_BY_NUMBER(number, name) [number] = name,
#define SOCKET_NUMBER_AND_NAME(number, name) { number, name },
#define SOCKET_ONE(number, name) + 1

#define SOCKET_DEFINE_ROWS(table, LIST, SECOND, prefix, how, find, title) \
	static const struct socket_name_row table##_rows[] = {		\
		LIST(SOCKET_NUMBER_AND_NAME)				\
		SECOND(SOCKET_NUMBER_AND_NAME)				\
	};								\
	enum {								\
		table##_first = 0 LIST(SOCKET_ONE),			\
		table##_all = table##_first SECOND(SOCKET_ONE)		\
	};

#define SOCKET_DEFINE_NAMES(table, LIST, SECOND, prefix, how, find, title) \
	static const char *const table##_names[] = {			\
		LIST(SOCKET_NAME_BY_NUMBER)				\
	};

#define SOCKET_INDEX_SHOW(table)
#define SOCKET_INDEX_FIND(table)					\
	static const struct socket_name_index table##_index = {		\
		.start = table##_start,					\
		.order = table##_order,					\
		.mask = SOCKET_LENGTH(table##_start) - 2,		\
		.multiplier = table##_multiplier,			\
	};
#define SOCKET_DEFINE_INDEX(table, LIST, SECOND, prefix, how, find, title) \
	SOCKET_INDEX_##find(table)

SOCKET_TABLES(SOCKET_DEFINE_ROWS)
SOCKET_TABLES(SOCKET_DEFINE_NAMES)
SOCKET_TABLES(SOCKET_DEFINE_INDEX)
SOCKET_SPARSE_TABLES(SOCKET_DEFINE_ROWS)
SOCKET_SPARSE_TABLES(SOCKET_DEFINE_INDEX)

static const struct socket_name_row socket_prefixed_protocols[] = {
	SOCKET_PROTOCOL_PREFIXED_NAMES(SOCKET_NUMBER_AND_NAME) { 0, NULL }
};

#define SOCKET_TABLE(table)						\
	.rows = table##_rows, .first = table##_first, .all = table##_all
#define SOCKET_DENSE_TABLE(table)					\
	SOCKET_TABLE(table), .names = table##_names,			\
	.size = SOCKET_LENGTH(table##_names)

static const struct socket_name_table socket_protocols = {
	SOCKET_DENSE_TABLE(socket_protocols),
	.index = &socket_protocols_index,
	.prefixed = socket_prefixed_protocols,
	.prefixes = { "IPPROTO_" },
};

static const struct socket_name_table socket_families = {
	SOCKET_DENSE_TABLE(socket_families),
	.index = &socket_families_index,
	.prefixes = { "AF_", "PF_" },
};

static const struct socket_name_table socket_states = {
	SOCKET_DENSE_TABLE(socket_states),
	.index = &socket_states_index,
	.prefixes = { "SS_" },
};

static const struct socket_name_table socket_types = {
	SOCKET_DENSE_TABLE(socket_types),
	.index = &socket_types_index,
	.prefixes = { "SOCK_" },
};

static const struct socket_name_table socket_tcp_states = {
	SOCKET_DENSE_TABLE(socket_tcp_states),
	.index = &socket_tcp_states_index,
	.prefixes = { "TCP_" },
};

static const struct socket_name_table socket_message_flags = {
	SOCKET_TABLE(socket_message_flags),
	.index = &socket_message_flags_index,
	.prefixes = { "MSG_" },
};

/*
 * Bits of struct socket's flags, as the kernel of this build numbers them.  They are macros
 * in older kernels: 5.10 has five, 6.1 also SUPPORT_ZC, 6.12 all eight.  In 7.2 they are an
 * enum of five with other numbers, which #ifdef cannot test; the PASS* moved to struct sock
 * in 6.16.
 */
#ifdef SOCKWQ_ASYNC_NOSPACE
#define SOCKET_FLAGS_ARE_MACROS
#endif
#if defined(__KERNEL__) || defined(SOCKET_FLAGS_ARE_MACROS)
#define SOCKET_FLAG(bit, name) { (uint64_t)1 << (bit), name }
static const struct socket_name_row socket_socket_flags_rows[] = {
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
};
static const struct socket_name_table socket_socket_flags = {
	.rows = socket_socket_flags_rows,
	.first = SOCKET_LENGTH(socket_socket_flags_rows),
	.all = SOCKET_LENGTH(socket_socket_flags_rows),
	.prefixes = { "SOCK_", "SOCKWQ_" },
};
#endif

/* ------------------------------------------------------------- name of a number */

#define SOCKET_NAME_IN(table, number)					\
	socket_name_in(table##_names, SOCKET_LENGTH(table##_names), number)

static inline const char *socket_name_in(const char *const *names, int size,
					 int64_t number)
{
	if (number < 0 || number >= size)
		return NULL;
	return names[number];
}

/* The name of a number, or NULL. */
static inline const char *socket_name_of(const struct socket_name_table *table,
					 int64_t number)
{
	return socket_name_in(table->names, table->size, number);
}

/* The name of a protocol of AF_PACKET, in network byte order; or NULL. */
static inline const char *socket_ethertype_name(int64_t protocol)
{
	uint64_t number = __builtin_bswap16(protocol);
	int low = 0, high = socket_ethertypes_first;

	if (protocol < 0 || protocol > 0xffff)
		return NULL;
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	number = protocol;
#endif
	while (low < high) {
		int middle = (low + high) / 2;

		if (socket_ethertypes_rows[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < socket_ethertypes_first &&
	    socket_ethertypes_rows[low].number == number)
		return socket_ethertypes_rows[low].name;
	return NULL;
}

/*
 * The name of a protocol in its family, or NULL.  Sockets of some families do not keep their
 * protocol (PACKET, KEY, older CAN: SO_PROTOCOL is 0).  Other families have a single protocol,
 * for which socket(2) takes 0 or the family's number.
 */
static inline const char *socket_protocol_name(int64_t family,
					       int64_t protocol)
{
	switch (family) {
	case AF_INET:
	case AF_INET6:
		return socket_name_of(&socket_protocols, protocol);
	case AF_NETLINK:
		return SOCKET_NAME_IN(socket_netlink, protocol);
	case AF_PPPOX:
		return SOCKET_NAME_IN(socket_pppox, protocol);
	case AF_BLUETOOTH:
		return SOCKET_NAME_IN(socket_bluetooth, protocol);
	case AF_PHONET:
		return SOCKET_NAME_IN(socket_phonet, protocol);
	case AF_NFC:
		return SOCKET_NAME_IN(socket_nfc, protocol);
	case AF_SMC:
		return SOCKET_NAME_IN(socket_smc, protocol);
	case AF_ATMPVC:
	case AF_ATMSVC:
	case AF_CAIF:
	case AF_ISDN:
		return NULL; /* several protocols, without names here */
	}
	if (!protocol)
		return socket_name_of(&socket_families, family);
	switch (family) {
	case AF_PACKET:
		return socket_ethertype_name(protocol);
	case AF_CAN:
		return SOCKET_NAME_IN(socket_can, protocol);
	case AF_RXRPC: /* the family of its transport */
		return socket_name_of(&socket_families, protocol);
	case AF_KEY: /* PF_KEY_V2 */
		return protocol == 2 ? "KEY" : NULL;
	}
	return protocol == family ? socket_name_of(&socket_families, family) :
				    NULL;
}

/* The name of a level of options, or NULL. */
static inline const char *socket_level_name(int64_t level)
{
	switch (level) {
#ifndef SOCKET_GENERIC_NUMBERS
	case 1:
		return NULL;
	case 65535:
		return "SOCKET";
#endif
	case AF_VSOCK:
		return "VSOCK";
	case 101: /* SOL_CAN_RAW */
		return "CAN_RAW";
	}
	return SOCKET_NAME_IN(socket_levels, level);
}

/* The name of an option at a level, or NULL. */
static inline const char *socket_option_name(int64_t level, int64_t option)
{
	/* Numbers of SOL_*: older kernels do not define all of them. */
	switch (level) {
	case 0: /* IP */
		return SOCKET_NAME_IN(socket_options_ip, option);
	case 1: /* SOCKET */
		return SOCKET_NAME_IN(socket_options_socket, option);
	case 6: /* TCP */
		return SOCKET_NAME_IN(socket_options_tcp, option);
	case 17: /* UDP */
		return SOCKET_NAME_IN(socket_options_udp, option);
	case AF_VSOCK:
		return SOCKET_NAME_IN(socket_options_vsock, option);
	case 41: /* IPV6 */
		return SOCKET_NAME_IN(socket_options_ipv6, option);
	case 58: /* ICMPV6 */
		return SOCKET_NAME_IN(socket_options_icmpv6, option);
	case 101: /* SOL_CAN_RAW */
		return SOCKET_NAME_IN(socket_options_can_raw, option);
	case 132: /* SCTP */
		return SOCKET_NAME_IN(socket_options_sctp, option);
	case 136: /* UDPLITE */
		if (SOCKET_NAME_IN(socket_options_udplite, option))
			return SOCKET_NAME_IN(socket_options_udplite, option);
		return SOCKET_NAME_IN(socket_options_udp, option);
	case 255: /* RAW */
		return SOCKET_NAME_IN(socket_options_raw, option);
	case 263: /* PACKET */
		return SOCKET_NAME_IN(socket_options_packet, option);
	case 270: /* NETLINK */
		return SOCKET_NAME_IN(socket_options_netlink, option);
	case 271: /* TIPC */
		return SOCKET_NAME_IN(socket_options_tipc, option);
	case 279: /* ALG */
		return SOCKET_NAME_IN(socket_options_alg, option);
	case 282: /* TLS */
		return SOCKET_NAME_IN(socket_options_tls, option);
	case 283: /* XDP */
		return SOCKET_NAME_IN(socket_options_xdp, option);
	case 284: /* MPTCP */
		return SOCKET_NAME_IN(socket_options_mptcp, option);
	}
	return NULL;
}

/* The name of a negative errno, or NULL; "" for 0 and above. */
static inline const char *socket_error_name(int64_t size)
{
	if (size >= 0)
		return "";
	return size < -4095 ? NULL : SOCKET_NAME_IN(socket_errors, -size);
}

/* Copies as much of the text as fits, and ends it with a null byte. */
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

static inline void socket_put_name(char *to, size_t size, const char *name)
{
	socket_put_text(to, size, name ? name : "UNDEF");
}

/* ------------------------------------------------------------- number of a name */

static inline char socket_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/*
 * Inlines the search for a name into each caller.  There the table is a constant, which halves
 * the instructions.
 */
#define SOCKET_OWN_COPY static inline __attribute__((always_inline))

/* Are the letters equal, regardless of case? */
SOCKET_OWN_COPY int socket_same_letter(char a, char b)
{
	return a == b ||
	       ((a ^ b) == 0x20 && (unsigned char)((a | 0x20) - 'a') < 26);
}

/* A name ends at the end of the text, and before a space or a bar. */
SOCKET_OWN_COPY int socket_in_name(char c)
{
	return (unsigned char)c > ' ' && c != '|';
}

/* If the text begins with the name, the rest of the text; else NULL. */
SOCKET_OWN_COPY const char *socket_after_name(const char *text,
					      const char *name)
{
	size_t i;

	for (i = 0; name[i]; i++)
		if (!socket_same_letter(name[i], text[i]))
			return NULL;
	return text + i;
}

/* Is the first name in the text this one?  Sets *end to the rest of the text. */
SOCKET_OWN_COPY int socket_is_name(const char *name, const char *text,
				   const char **end)
{
	*end = socket_after_name(text, name);
	return *end && !socket_in_name(**end);
}

/* The row of the first name in the text, or NULL.  Sets *end to the rest of the text. */
SOCKET_OWN_COPY const struct socket_name_row *
socket_find_bare(const struct socket_name_table *table, const char *text,
		 const char **end)
{
	const struct socket_name_index *index = table->index;
	const struct socket_name_row *row;
	unsigned int hash = 0;
	const char *c;
	int i, last;

	if (!index) {
		for (row = table->rows; row < table->rows + table->all; row++)
			if (socket_is_name(row->name, text, end))
				return row;
		return NULL;
	}
	for (c = text; c < text + SOCKET_HASHED && socket_in_name(*c); c++)
		hash = hash * index->multiplier + ((unsigned char)*c | 0x20);
	hash &= index->mask;
	last = index->start[hash + 1];
	for (i = index->start[hash]; i < last; i++) {
		row = &table->rows[index->order[i]];
		if (socket_is_name(row->name, text, end))
			return row;
	}
	return NULL;
}

SOCKET_OWN_COPY const struct socket_name_row *
socket_find(const struct socket_name_table *table, const char *text,
	    const char **end)
{
	const struct socket_name_row *row;
	const char *bare = NULL;
	int i;

	for (i = 0; i < 2 && table->prefixes[i] && !bare; i++)
		bare = socket_after_name(text, table->prefixes[i]);
	for (row = table->prefixed; bare && row && row->name; row++)
		if (socket_is_name(row->name, bare, end))
			return row;
	return socket_find_bare(table, bare ? bare : text, end);
}

/* The number of a name, or -1. */
SOCKET_OWN_COPY int64_t socket_number_of(const struct socket_name_table *table,
				       const char *name)
{
	const struct socket_name_row *row;
	const char *end;

	row = socket_find(table, name, &end);
	return row && !*end ? (int64_t)row->number : -1;
}

/* ------------------------------------------------------------- flags */

/* Reads a decimal or hexadecimal number.  NULL if it is not a number or does not fit. */
static inline const char *socket_read_number(const char *text, uint64_t *number)
{
	unsigned int base = 10, digit;
	uint64_t most = 0x1999999999999999;
	const char *c = text;

	if (c[0] == '0' && socket_lower(c[1]) == 'x') {
		base = 16;
		most = 0x0fffffffffffffff;
		c += 2;
	}
	text = c;
	for (*number = 0; socket_in_name(*c); c++) {
		char small = socket_lower(*c);

		if (small >= '0' && small <= '9')
			digit = small - '0';
		else if (small >= 'a' && small <= 'f')
			digit = small - 'a' + 10;
		else
			return NULL;
		if (digit >= base || *number > most)
			return NULL;
		*number = *number * base + digit;
		if (*number < digit) /* overflow */
			return NULL;
	}
	return c > text ? c : NULL;
}

static inline const char *socket_after_spaces(const char *text)
{
	while (*text == ' ' || *text == '\t')
		text++;
	return text;
}

/* The bits of "PEEK|MSG_DONTWAIT|0x40", or -1. */
SOCKET_OWN_COPY int64_t socket_flags_of(const struct socket_name_table *table,
				      const char *text)
{
	const struct socket_name_row *row;
	uint64_t flags = 0, bits;

	for (;; text++) {
		text = socket_after_spaces(text);
		if (*text >= '0' && *text <= '9') {
			text = socket_read_number(text, &bits);
			if (!text)
				return -1;
			flags |= bits;
		} else {
			row = socket_find(table, text, &text);
			if (!row)
				return -1;
			flags |= row->number;
		}
		text = socket_after_spaces(text);
		if (!*text)
			return (int64_t)flags;
		if (*text != '|')
			return -1;
	}
}

static inline size_t socket_hex_digits(uint64_t value)
{
	size_t digits = 1;

	while (value >>= 4)
		digits++;
	return digits;
}

/* The digit at a place; 0 is the last one. */
static inline char socket_hex_digit(uint64_t value, size_t place)
{
	return "0123456789abcdef"[(value >> (4 * place)) & 15];
}

/* Characters for the bits without a name, after `length` others. */
static inline size_t socket_rest_length(size_t length, uint64_t rest)
{
	return rest ? (length ? 1 : 0) + 2 + socket_hex_digits(rest) : 0;
}

/*
 * Prints the names of the set bits, joined by "|", then a hexadecimal number with all bits
 * that have no name or whose name does not fit.  Empty if not even the number fits.
 */
static inline void socket_put_flags(char *to, size_t size,
				    const struct socket_name_table *table,
				    uint64_t rest)
{
	const struct socket_name_row *flag = table->rows;
	const struct socket_name_row *last = flag + table->first;
	size_t length = 0;
	size_t bar, digits, named;

	if (!size)
		return;
	for (; flag < last; flag++) {
		if (!(rest & flag->number))
			continue;
		bar = length ? 1 : 0;
		named = length + bar + strlen(flag->name);
		if (named + socket_rest_length(named, rest & ~flag->number) >=
		    size)
			continue;
		if (bar)
			to[length++] = '|';
		memcpy(to + length, flag->name, named - length);
		length = named;
		rest &= ~flag->number;
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

/* -1 stands for unknown flags. */
static inline void
socket_put_known_flags(char *to, size_t size,
		       const struct socket_name_table *table, int64_t flags)
{
	if (flags == -1)
		socket_put_text(to, size, "UNDEF");
	else
		socket_put_flags(to, size, table, (uint64_t)flags);
}

/* Most of the kernel has message flags in an int: bit 31 may be its sign. */
static inline void socket_put_message_flags(char *to, size_t size,
					    int64_t flags)
{
	if (flags < -1 && flags >= -2147483647 - 1)
		flags = (uint32_t)flags;
	socket_put_known_flags(to, size, &socket_message_flags, flags);
}

#endif
