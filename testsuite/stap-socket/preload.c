// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * preload.c - another kernel for stap-socket, and a command at a moment of its run
 *
 *   RELEASE, MACHINE, BUILT    what uname(2) returns
 *   BEFORE_MKDTEMP             a command that mkdtemp(3) runs first
 *   STOP_DRAWING               a file that wrefresh(3) removes, and then sends a SIGTSTP first
 *
 * It is for LD_PRELOAD.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

static void set(char *field, size_t size, const char *variable)
{
	if (getenv(variable))
		snprintf(field, size, "%s", getenv(variable));
}

int uname(struct utsname *names)
{
	if (syscall(SYS_uname, names))
		return -1;
	set(names->release, sizeof(names->release), "RELEASE");
	set(names->machine, sizeof(names->machine), "MACHINE");
	set(names->version, sizeof(names->version), "BUILT");
	return 0;
}

char *mkdtemp(char *template)
{
	char *(*real)(char *) = (char *(*)(char *))dlsym(RTLD_NEXT, "mkdtemp");
	const char *command = getenv("BEFORE_MKDTEMP");

	if (command && system(command))
		return NULL;
	return real(template);
}

int wrefresh(void *window)
{
	int (*real)(void *) = (int (*)(void *))dlsym(RTLD_NEXT, "wrefresh");
	const char *file = getenv("STOP_DRAWING");

	if (file && !unlink(file))
		kill(getpid(), SIGTSTP);
	return real(window);
}
