// SPDX-License-Identifier: GPL-2.0-or-later
//
// classes - prints the class of each number of the standard input: FROM NUMBER
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

// The kernel declares these.
typedef int64_t s64;
typedef uint64_t u64;
#undef __always_inline
#define __always_inline inline
#define unlikely(condition) (condition)

static unsigned int __fls(unsigned long word)
{
	return 63 - (unsigned int)__builtin_clzl(word);
}

static unsigned int fls64(u64 number)
{
	return number ? 1 + __fls(number) : 0;
}

#include "runtime/socket_classes.h"

int main(void)
{
	int64_t number;

	while (scanf("%" SCNd64, &number) == 1)
		printf("%" PRId64 " %" PRId64 "\n",
		       socket_class_from(socket_class(number, true), true),
		       number);
	return 0;
}
