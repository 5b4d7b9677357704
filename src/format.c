// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * format.c - how numbers, times and the ends of sockets look in a table
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Powers of 1000, truncated and not rounded. */
static void scaled(char *out, size_t size, int64_t number, const char *unit)
{
	int64_t tenth;
	int power = 0;

	while (number >= 1000000 || number <= -1000000) {
		number /= 1000;
		power++;
	}
	tenth = number % 1000 / 100;
	snprintf(out, size, "%" PRId64 ".%" PRId64 "%c%s", number / 1000,
		 tenth < 0 ? -tenth : tenth, "KMGTPE"[power], unit);
}

void format_count(char *out, size_t size, int64_t number, bool exact)
{
	if (exact || (number < 1000000 && number > -1000000))
		snprintf(out, size, "%" PRId64, number);
	else
		scaled(out, size, number, "");
}

void format_bytes(char *out, size_t size, int64_t number, bool exact)
{
	if (exact || (number < 1000 && number > -1000))
		snprintf(out, size, "%" PRId64, number);
	else
		scaled(out, size, number, "B");
}

void format_duration(char *out, size_t size, int64_t ns, bool exact)
{
	static const struct {
		int64_t below, unit;
		const char *name;
	} units[] = {
		{ 1000000, 1000, "us" },
		{ 1000000000, 1000000, "ms" },
		{ 3600000000000, 1000000000, "s" },
		{ INT64_MAX, 3600000000000, "h" },
	};
	size_t i = 0;

	if (exact) {
		snprintf(out, size, "%" PRId64, ns);
		return;
	}
	if (ns < 1000) {
		snprintf(out, size, "%" PRId64 "ns", ns);
		return;
	}
	while (ns >= units[i].below && i + 1 < LENGTH(units))
		i++;
	if (ns < 10 * units[i].unit)
		snprintf(out, size, "%" PRId64 ".%" PRId64 "%s",
			 ns / units[i].unit,
			 ns % units[i].unit / (units[i].unit / 10),
			 units[i].name);
	else
		snprintf(out, size, "%" PRId64 "%s", ns / units[i].unit,
			 units[i].name);
}

void format_clock(char *out, size_t size, int64_t ns, bool milliseconds)
{
	time_t seconds = ns / 1000000000;
	struct tm tm;
	size_t n;

	if (!localtime_r(&seconds, &tm)) {
		snprintf(out, size, "-");
		return;
	}
	n = strftime(out, size, "%H:%M:%S", &tm);
	if (milliseconds)
		snprintf(out + n, size - n, ".%03d",
			 (int)(ns / 1000000 % 1000));
}

void format_endpoint(char *out, size_t size, const char *address,
		     const char *port)
{
	if (!is_known(address))
		snprintf(out, size, "-");
	else if (!is_known(port) || *port == '-')
		snprintf(out, size, "%s", address);
	else
		snprintf(out, size, strchr(address, ':') ? "[%s]:%s" : "%s:%s",
			 address, port);
}

bool read_address(const char *s, size_t length, unsigned char address[16])
{
	static const unsigned char mapped[12] = { [10] = 0xff, 0xff };
	char copy[64];

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, s, length);
	copy[length] = '\0';
	copy[strcspn(copy, "%")] = '\0'; /* the interface */
	if (inet_pton(AF_INET6, copy, address) == 1)
		return true;
	memcpy(address, mapped, sizeof(mapped));
	return inet_pton(AF_INET, copy, address + sizeof(mapped)) == 1;
}

void split_endpoint(const char *s, const char **address, size_t *length,
		    const char **port)
{
	const char *colon = strrchr(s, ':'), *end = s + strlen(s);
	/* A path or an abstract name of UNIX has none. */
	bool is_name = *s == '/' || *s == '@';
	bool has_port = colon && !is_name &&
			(*s == '[' ? colon[-1] == ']' :
				     colon == strchr(s, ':'));

	*port = has_port ? colon + 1 : "";
	*address = s;
	*length = (size_t)((has_port ? colon : end) - s);
	if (*s == '[' && *length > 1 && s[*length - 1] == ']') {
		*address += 1;
		*length -= 2;
	}
}

/* Where the port of an endpoint begins, with its colon; NULL for a path. */
static const char *port_in(const char *endpoint)
{
	const char *colon = strrchr(endpoint, ':');

	return *endpoint == '/' || *endpoint == '@' ? NULL : colon;
}

void format_ends(char *out, size_t size, const char *local, const char *remote,
		 size_t room)
{
	const char *port;

	if (!is_known(remote)) {
		snprintf(out, size, "%s", local);
		return;
	}
	if (!is_known(local)) {
		snprintf(out, size, "> %s", remote);
		return;
	}
	snprintf(out, size, "%s > %s", local, remote);
	port = port_in(local);
	if (strlen(out) <= room || !port)
		return;
	snprintf(out, size, "%s > %s", port, remote);
	if (strlen(out) > room)
		snprintf(out, size, "> %s", remote);
}

/* The middle gives way: the end of an address has the port. */
void shorten(char *s, size_t room)
{
	const char *arrow = strstr(s, " > "), *from = s;
	size_t length = strlen(s), head;

	room = room < 8 ? 8 : room;
	if (length > room && arrow) {
		const char *port = arrow;

		while (port > s && *port != ':')
			port--;
		from = *port == ':' && *s != '/' && *s != '@' &&
				       length - (size_t)(port - s) <= room ?
			       port :
			       arrow + 1;
		length -= (size_t)(from - s);
	}
	memmove(s, from, length + 1);
	if (length <= room)
		return;
	head = (room - 2) / 2;
	memcpy(s + head, "..", 2);
	memmove(s + head + 2, s + length - (room - 2 - head), room - 2 - head);
	s[room] = '\0';
}
