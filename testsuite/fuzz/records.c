// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * records - fuzzes the reader of records and all that draws them
 *
 * The first byte of an input says how it is drawn, the others are the records.  If the second
 * is an F, the third and fourth choose filters, and the others are below a header that has
 * what these need.
 */
#define _GNU_SOURCE
#include "../../src/stap-socket.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names of columns are kept, as for a program that runs once. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}

static const char header[] =
	"#records 1 x\n#columns pid:pid command:command s:open f:flow n:count "
	"event:event error:error took=duration_ns:ns\n"
	"#order n\n#summary {n}\n#since_start command\n#table 1\n";

static const char *const filters[][2] = {
	{ "only_pid=1,3-5", "only_pid=!7" },
	{ "only_command=\"curl\"", "only_command=\"\\\"" },
	{ "only_uid=0-9,root", "only_uid=!0,root" },
	{ "only_protocol=6,17", "only_protocol=!0" },
	{ "only_family=2", "only_type=!2" },
	{ "only_lport=0-4294967295", "only_rport=!80" },
	{ "only_laddr=10.0.0.0/9,::1", "only_laddr=!::/0" },
	{ "only_failed=1", "only_slower=5" },
};

static struct filter *choose(unsigned int which, unsigned int others)
{
	struct list values = { 0 };
	size_t i;

	for (i = 0; i < LENGTH(filters); i++)
		if (which >> i & 1)
			add(&values, filters[i][others >> i & 1]);
	return filter_of(&values);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct look look = { .width = 80 };
	int fd = memfd_create("records", MFD_CLOEXEC);

	if (!size || fd < 0)
		return 0;
	look.json = *data & 1;
	look.csv = !look.json && *data & 2;
	look.timestamps = *data & 4;
	look.exact = *data & 8;
	look.no_header = *data & 16;
	look.width = *data & 32 ? 1 : *data & 64 ? 300 : 80;
	look.rows = *data & 128 ? 1 : 0;
	if (size > 4 && data[1] == 'F') {
		look.only = choose(data[2], data[3]);
		data += 3;
		size -= 3;
		if (write(fd, header, strlen(header)) < 0)
			abort();
	}
	if (write(fd, data + 1, size - 1) != (ssize_t)size - 1 ||
	    lseek(fd, 0, SEEK_SET) || !freopen("/dev/null", "w", stdout))
		abort();
	draw(fd, "records", &look, NULL);
	close(fd);
	return 0;
}
