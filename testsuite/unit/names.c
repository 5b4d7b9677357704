// SPDX-License-Identifier: GPL-2.0-or-later
//
// names - tests runtime/socket_names.h on the host
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netdb.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <cmocka.h>

#include "host.h"

#define LENGTH(array) (sizeof(array) / sizeof(*(array)))

static const struct {
	const struct socket_name_table *table;
	const char *prefix;
	int last, rows;
} tables[] = {
	{ &socket_protocols, "IPPROTO_", 262, 146 },
	{ &socket_families, "AF_", 45, 46 },
	{ &socket_families, "Pf_", 45, 46 },
	{ &socket_states, "SS_", 4, 5 },
	{ &socket_types, "SOCK_", 10, 7 },
	{ &socket_tcp_states, "TCP_", 13, 13 },
};

static void reads_as(const char *text, int64_t seen, int64_t expected)
{
	if (seen != expected)
		fail_msg("\"%s\": expected %lld, seen %lld", text,
			 (long long)expected, (long long)seen);
}

static void is_number(const struct socket_name_table *table, const char *name,
		      int64_t expected)
{
	reads_as(name, socket_number_of(table, name), expected);
}

static void is_name(const struct socket_name_table *table, int64_t number,
		    const char *expected)
{
	char seen[64];

	socket_put_name(seen, sizeof(seen), socket_name_of(table, number));
	if (strcmp(seen, expected))
		fail_msg("%lld: expected \"%s\", seen \"%s\"",
			 (long long)number, expected, seen);
}

static void is_message_flag(int64_t mask, const char *expected)
{
	char seen[64];

	socket_put_message_flags(seen, sizeof(seen), mask);
	assert_string_equal(seen, expected);
}

static void every_name_leads_back_to_its_number(void **state)
{
	(void)state;
	for (size_t t = 0; t < LENGTH(tables); t++) {
		int rows = 0;

		assert_int_equal(tables[t].table->size, tables[t].last + 1);
		for (int n = 0; n <= tables[t].last; n++) {
			const char *name = socket_name_of(tables[t].table, n);
			char spelt[64];

			if (!name)
				continue;
			rows++;
			is_name(tables[t].table, n, name);
			is_number(tables[t].table, name, n);
			for (size_t i = 0; i <= strlen(name); i++)
				spelt[i] = socket_lower(name[i]);
			is_number(tables[t].table, spelt, n);
			// The only name that means another number with a prefix.
			if (!strcmp(name, "IPIP"))
				continue;
			snprintf(spelt, sizeof(spelt), "%s%s", tables[t].prefix,
				 name);
			is_number(tables[t].table, spelt, n);
		}
		assert_int_equal(rows, tables[t].rows);
	}
}

static void second_names_lead_to_the_number(void **state)
{
	(void)state;
	is_number(&socket_families, "UNIX", 1);
	is_number(&socket_families, "pf_file", 1);
	is_number(&socket_families, "AF_ROUTE", 16);
	is_number(&socket_protocols, "icmpv6", 58);
	is_number(&socket_protocols, "IPPROTO_ICMPV6", 58);
	is_number(&socket_protocols, "IPV6-CRYPT", 50);
	is_number(&socket_protocols, "CRDUP", 127);
	is_number(&socket_protocols, "SEP", 33);
	is_number(&socket_protocols, "IPIP", 94);
	is_number(&socket_protocols, "IPPROTO_IPIP", 4);
	is_number(&socket_protocols, "ipproto_ipip", 4);
	is_number(&socket_tcp_states, "ESTAB", 1);
	is_number(&socket_tcp_states, "fin-wait-2", 5);
	is_number(&socket_tcp_states, "TCP_CLOSED", 7);
	// A second name that is another number's first name would never be found.
	for (size_t t = 0; t < LENGTH(tables); t++) {
		const struct socket_name_table *table = tables[t].table;

		for (int i = table->first; i < table->all; i++)
			is_number(table, table->rows[i].name,
				  table->rows[i].number);
	}
}

static void names_are_those_of_the_distributed_tapset(void **state)
{
	(void)state;
	is_name(&socket_protocols, 0, "IP");
	is_name(&socket_protocols, 58, "IPV6-ICMP");
	is_name(&socket_protocols, 135, "Mobility-Header");
	is_name(&socket_protocols, 136, "UDPLite");
	is_name(&socket_families, 1, "LOCAL");
	is_name(&socket_states, 3, "CONNECTED");
	is_name(&socket_types, 1, "STREAM");
}

static void what_has_no_name_is_UNDEF(void **state)
{
	static const int64_t numbers[] = { -1,	     INT_MIN,  INT_MAX,
					   LONG_MIN, LONG_MAX, 1LL << 32,
					   263,	     148 };

	(void)state;
	for (size_t i = 0; i < LENGTH(numbers); i++)
		for (size_t t = 0; t < LENGTH(tables); t++)
			is_name(tables[t].table, numbers[i], "UNDEF");
	for (size_t t = 0; t < LENGTH(tables); t++)
		is_name(tables[t].table, tables[t].last + 1, "UNDEF");
	is_name(&socket_protocols, 61, "UNDEF");
	is_name(&socket_types, 0, "UNDEF");
	is_name(&socket_types, 7, "UNDEF");
}

static void what_is_no_name_is_minus_1(void **state)
{
	char endless[1001];
	// clang-format off
	const char *names[] = { "", " ", "UNDEF", "AF_", "PF_", "IPPROTO_",
		"SS_", "SOCK_", "AF_AF_INET", "AF_PF_INET", "INE", "INETX",
		" INET", "TCP ", "TC", "6", "CONNECTE", "\xff", endless };
	// clang-format on

	(void)state;
	memset(endless, 'A', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	for (size_t i = 0; i < LENGTH(names); i++)
		for (size_t t = 0; t < LENGTH(tables); t++)
			is_number(tables[t].table, names[i], -1);
	memcpy(endless, "AF_INET", 7);
	is_number(&socket_families, endless, -1);
	is_number(&socket_families, "SOCK_INET", -1);
	is_number(&socket_types, "AF_STREAM", -1);
}

// Bit masks, the size of the string, and the expected string.
static const struct {
	const struct socket_name_table *flags;
	int64_t mask;
	size_t size;
	const char *expected;
} masks[] = {
	{ &socket_socket_flags, 0, 128, "" },
	{ &socket_socket_flags, -1, 128, "UNDEF" },
	{ &socket_socket_flags, 0x1f, 128,
	  "ASYNC_NOSPACE|ASYNC_WAITDATA|NOSPACE|PASSCRED|PASSSEC" },
	{ &socket_socket_flags, 0xe0, 128,
	  "SUPPORT_ZC|CUSTOM_SOCKOPT|PASSPIDFD" },
	{ &socket_socket_flags, 0x108, 128, "PASSCRED|0x100" },
	{ &socket_socket_flags, 0x300, 128, "0x300" },
	{ &socket_socket_flags, LONG_MIN, 128, "0x8000000000000000" },
	{ &socket_message_flags, 0, 128, "" },
	{ &socket_message_flags, -1, 128, "UNDEF" },
	{ &socket_message_flags, MSG_PEEK | MSG_DONTWAIT, 128,
	  "PEEK|DONTWAIT" },
	{ &socket_message_flags, 0x4, 128, "DONTROUTE" },
	{ &socket_message_flags, MSG_NOSIGNAL | MSG_FASTOPEN | MSG_CMSG_CLOEXEC,
	  128, "NOSIGNAL|FASTOPEN|CMSG_CLOEXEC" },
	{ &socket_message_flags, INT_MIN, 128, "CMSG_COMPAT" },
	{ &socket_message_flags, INT_MIN - 1LL, 40,
	  "OOB|PEEK|DONTROUTE|0xffffffff7ffffff8" },
	{ &socket_message_flags, 0x3, 4, "0x3" },
	{ &socket_message_flags, 0x3, 8, "OOB|0x2" },
	{ &socket_message_flags, 0x3, 9, "OOB|PEEK" },
	{ &socket_message_flags, 0x12345, 3, "" },
};

static void flags_are_named_and_the_rest_is_hexadecimal(void **state)
{
	char seen[128];

	(void)state;
	for (size_t i = 0; i < LENGTH(masks); i++) {
		if (masks[i].flags == &socket_message_flags)
			socket_put_message_flags(seen, masks[i].size,
						 masks[i].mask);
		else
			socket_put_known_flags(seen, masks[i].size,
					       masks[i].flags, masks[i].mask);
		assert_string_equal(seen, masks[i].expected);
	}
}

static void nothing_is_written_past_the_size(void **state)
{
	(void)state;
	for (size_t size = 0; size <= 200; size++) {
		for (int64_t mask = -2; mask < 0x40000; mask += 257) {
			char out[256];
			size_t i;

			memset(out, '#', sizeof(out));
			if (mask & 1)
				socket_put_message_flags(out, size, mask);
			else
				socket_put_name(
					out, size,
					socket_name_of(&socket_protocols,
						       mask / 257));
			if (size)
				assert_non_null(memchr(out, '\0', size));
			for (i = size; i < sizeof(out); i++)
				assert_int_equal(out[i], '#');
		}
	}
}

// For every size, the names and the hexadecimal rest add up to the mask.
static void no_bit_is_lost_in_a_small_string(void **state)
{
	(void)state;
	for (size_t size = 20; size <= 300; size++) {
		uint64_t mask = 0x80000000fffffff7, sum = 0;
		char out[300], *part, *left = out;

		socket_put_flags(out, size, &socket_message_flags, mask);
		while ((part = strsep(&left, "|"))) {
			const struct socket_name_row *f =
				socket_message_flags_rows;
			const struct socket_name_row *last =
				f + socket_message_flags_first;
			unsigned long long rest = 0;

			while (f < last && strcmp(f->name, part))
				f++;
			if (f == last)
				assert_int_equal(sscanf(part, "0x%llx", &rest),
						 1);
			sum += f < last ? f->number : rest;
		}
		assert_true(sum == mask);
	}
}

static void is_mask(const struct socket_name_table *table, const char *text,
		    int64_t expected)
{
	reads_as(text, socket_flags_of(table, text), expected);
}

static void flags_are_read_as_people_type_them(void **state)
{
	// clang-format off
	static const char *const garbage[] = { "", " ", "|", "PEEK|", "|PEEK",
		"PEEK||OOB", "PEEK,OOB", "PEEK OOB", "0x", "0xg", "12a", "-1",
		"MSG_", "MSG_MSG_OOB", "SOCK_PEEK", "18446744073709551616",
		"0x10000000000000000", "99999999999999999999999", "PEEKABOO" };
	// clang-format on
	const struct socket_name_table *m = &socket_message_flags;

	(void)state;
	is_mask(m, "PEEK", MSG_PEEK);
	is_mask(m, "msg_peek|MSG_OOB", MSG_PEEK | MSG_OOB);
	is_mask(m, "\tPEEK | 0x40 |128 ", MSG_PEEK | 0xc0);
	is_mask(m, "TRYHARD|eof|PROXY|SENDPAGE_NOPOLICY", 0x10214);
	is_mask(m, "CMSG_COMPAT", 0x80000000);
	is_mask(m, "0", 0);
	is_mask(m, "0X7fffffffffffffff", INT64_MAX);
	is_mask(m, "9223372036854775807", INT64_MAX);
	is_mask(m, "0x8000000000000000", INT64_MIN);
	is_mask(&socket_socket_flags, "NOSPACE|passcred|SOCK_PASSPIDFD|0x400",
		0x48c);
	is_mask(&socket_socket_flags, "SOCKWQ_ASYNC_WAITDATA", 2);
	for (size_t i = 0; i < LENGTH(garbage); i++) {
		is_mask(m, garbage[i], -1);
		is_mask(&socket_socket_flags, garbage[i], -1);
	}
}

static void every_flag_leads_back_to_its_bit(void **state)
{
	(void)state;
	for (int bit = 0; bit < 64; bit++) {
		int64_t mask = (int64_t)((uint64_t)1 << bit);
		char text[64];

		socket_put_known_flags(text, sizeof(text),
				       &socket_message_flags, mask);
		is_mask(&socket_message_flags, text, mask);
		socket_put_known_flags(text, sizeof(text), &socket_socket_flags,
				       mask);
		is_mask(&socket_socket_flags, text, mask);
	}
}

static void is_called(const char *seen, const char *expected)
{
	assert_string_equal(seen ? seen : "UNDEF", expected);
}

static void a_protocol_is_named_in_its_family(void **state)
{
	(void)state;
	is_called(socket_protocol_name(AF_INET, 6), "TCP");
	is_called(socket_protocol_name(AF_INET6, IPPROTO_MPTCP), "MPTCP");
	is_called(socket_protocol_name(AF_NETLINK, 15), "KOBJECT_UEVENT");
	is_called(socket_protocol_name(AF_NETLINK, 17), "UNDEF");
	is_called(socket_protocol_name(AF_PACKET, htons(0x0806)), "ARP");
	is_called(socket_protocol_name(AF_PACKET, htons(3)), "ALL");
	is_called(socket_protocol_name(AF_PACKET, 0), "PACKET");
	is_called(socket_protocol_name(AF_PACKET, htons(0xfd3b)), "UNDEF");
	is_called(socket_protocol_name(AF_PACKET, 0x10608), "UNDEF");
	is_called(socket_protocol_name(AF_PACKET, -1), "UNDEF");
	is_called(socket_protocol_name(AF_BLUETOOTH, 3), "RFCOMM");
	is_called(socket_protocol_name(AF_CAN, 1), "RAW");
	is_called(socket_protocol_name(AF_CAN, 0), "CAN");
	is_called(socket_protocol_name(AF_CAN, 8), "UNDEF");
	is_called(socket_protocol_name(AF_KEY, 2), "KEY");
	is_called(socket_protocol_name(AF_ATMPVC, 5), "UNDEF");
	is_called(socket_level_name(AF_VSOCK), "VSOCK");
	is_called(socket_level_name(SOL_SOCKET), "SOCKET");
	is_called(socket_protocol_name(AF_RXRPC, AF_INET6), "INET6");
	is_called(socket_protocol_name(AF_UNIX, 0), "LOCAL");
	is_called(socket_protocol_name(AF_UNIX, AF_UNIX), "LOCAL");
	is_called(socket_protocol_name(AF_UNIX, 2), "UNDEF");
	is_called(socket_protocol_name(AF_VSOCK, 0), "VSOCK");
	is_called(socket_protocol_name(-1, 0), "UNDEF");
	is_called(socket_protocol_name(46, 0), "UNDEF");
	is_called(socket_protocol_name(INT64_MIN, INT64_MIN), "UNDEF");
	for (int i = 1; i < socket_ethertypes_first; i++)
		assert_true(socket_ethertypes_rows[i - 1].number <
			    socket_ethertypes_rows[i].number);
	for (int i = 0; i < socket_ethertypes_first; i++)
		is_called(socket_protocol_name(
				  AF_PACKET,
				  htons(socket_ethertypes_rows[i].number)),
			  socket_ethertypes_rows[i].name);
}

static void options_and_errors_are_named(void **state)
{
	(void)state;
	is_called(socket_option_name(SOL_SOCKET, SO_KEEPALIVE), "SO_KEEPALIVE");
	is_called(socket_option_name(SOL_SOCKET, SO_RCVTIMEO), "SO_RCVTIMEO");
	is_called(socket_option_name(IPPROTO_TCP, 1), "TCP_NODELAY");
	is_called(socket_option_name(IPPROTO_IP, IP_TTL), "IP_TTL");
	is_called(socket_option_name(IPPROTO_IPV6, IPV6_V6ONLY), "IPV6_V6ONLY");
	is_called(socket_option_name(IPPROTO_UDPLITE, 10),
		  "UDPLITE_SEND_CSCOV");
	is_called(socket_option_name(IPPROTO_UDPLITE, 1), "UDP_CORK");
	is_called(socket_option_name(AF_VSOCK, 0), "SO_VM_SOCKETS_BUFFER_SIZE");
	is_called(socket_option_name(4711, 1), "UNDEF");
	is_called(socket_option_name(1, -1), "UNDEF");
	is_called(socket_option_name(1, INT64_MAX), "UNDEF");
	is_called(socket_error_name(-EAGAIN), "EAGAIN");
	is_called(socket_error_name(-512), "ERESTARTSYS");
	is_called(socket_error_name(0), "");
	is_called(socket_error_name(INT64_MAX), "");
	is_called(socket_error_name(-4095), "UNDEF");
	is_called(socket_error_name(INT64_MIN), "UNDEF");
	for (int e = 1; e < 134; e++) {
		const char *name = strerrorname_np(e);

		is_called(socket_error_name(-e), name ? name : "UNDEF");
	}
}

static void numbers_are_those_of_the_host(void **state)
{
#define SAME(table, PREFIX, name) \
	is_number(&table, #PREFIX #name, PREFIX##name);
#define F(name) SAME(socket_families, AF_, name)
#define P(name) SAME(socket_protocols, IPPROTO_, name)
#define T(name) SAME(socket_types, SOCK_, name)
#define M(name) is_message_flag((uint32_t)MSG_##name, #name);
	(void)state;
	// clang-format off
	F(UNSPEC) F(UNIX) F(LOCAL) F(FILE) F(INET) F(AX25) F(IPX) F(APPLETALK)
	F(NETROM) F(BRIDGE) F(ATMPVC) F(X25) F(INET6) F(ROSE) F(DECnet)
	F(NETBEUI) F(SECURITY) F(KEY) F(NETLINK) F(ROUTE) F(PACKET) F(ASH)
	F(ECONET) F(ATMSVC) F(RDS) F(SNA) F(IRDA) F(PPPOX) F(WANPIPE) F(LLC)
	F(IB) F(MPLS) F(CAN) F(TIPC) F(BLUETOOTH) F(IUCV) F(RXRPC) F(ISDN)
	F(PHONET) F(IEEE802154) F(CAIF) F(ALG) F(NFC) F(VSOCK) F(KCM) F(QIPCRTR)
	F(SMC) F(XDP)
#ifdef AF_MCTP
	F(MCTP)
#endif
	P(IP) P(HOPOPTS) P(ICMP) P(IGMP) P(IPIP) P(TCP) P(EGP) P(PUP) P(UDP)
	P(IDP) P(TP) P(DCCP) P(IPV6) P(ROUTING) P(FRAGMENT) P(RSVP) P(GRE)
	P(ESP) P(AH) P(ICMPV6) P(NONE) P(DSTOPTS) P(MTP) P(BEETPH) P(ENCAP)
	P(PIM) P(COMP) P(SCTP) P(MH) P(UDPLITE) P(MPLS) P(ETHERNET) P(RAW)
	P(MPTCP)
	T(STREAM) T(DGRAM) T(RAW) T(RDM) T(SEQPACKET) T(DCCP) T(PACKET)
	M(OOB) M(PEEK) M(DONTROUTE) M(CTRUNC) M(TRUNC) M(DONTWAIT) M(EOR)
	M(WAITALL) M(FIN) M(SYN) M(CONFIRM) M(RST) M(ERRQUEUE) M(NOSIGNAL)
	M(MORE) M(WAITFORONE) M(BATCH) M(ZEROCOPY) M(FASTOPEN) M(CMSG_CLOEXEC)
	// clang-format on
}

static void every_name_in_etc_protocols_is_known(void **state)
{
	struct protoent *entry;
	int entries = 0;

	(void)state;
	setprotoent(0);
	for (; (entry = getprotoent()); entries++) {
		is_number(&socket_protocols, entry->p_name, entry->p_proto);
		for (char **other = entry->p_aliases; *other; other++)
			is_number(&socket_protocols, *other, entry->p_proto);
	}
	endprotoent();
	if (!entries)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_leads_back_to_its_number),
		cmocka_unit_test(second_names_lead_to_the_number),
		cmocka_unit_test(names_are_those_of_the_distributed_tapset),
		cmocka_unit_test(what_has_no_name_is_UNDEF),
		cmocka_unit_test(what_is_no_name_is_minus_1),
		cmocka_unit_test(flags_are_named_and_the_rest_is_hexadecimal),
		cmocka_unit_test(nothing_is_written_past_the_size),
		cmocka_unit_test(no_bit_is_lost_in_a_small_string),
		cmocka_unit_test(flags_are_read_as_people_type_them),
		cmocka_unit_test(every_flag_leads_back_to_its_bit),
		cmocka_unit_test(a_protocol_is_named_in_its_family),
		cmocka_unit_test(options_and_errors_are_named),
		cmocka_unit_test(numbers_are_those_of_the_host),
		cmocka_unit_test(every_name_in_etc_protocols_is_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
