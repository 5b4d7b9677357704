// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * records - fuzzes the reader of records and all that draws them
 *
 * The first byte of an input says how it is drawn, the others are the records.
 */
#define _GNU_SOURCE
#include "../../src/stap-socket.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Names of columns are kept, as for a program that runs once. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "detect_leaks=0";
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
	if (write(fd, data + 1, size - 1) != (ssize_t)size - 1 ||
	    lseek(fd, 0, SEEK_SET) || !freopen("/dev/null", "w", stdout))
		abort();
	draw(fd, "records", &look, NULL);
	close(fd);
	return 0;
}
