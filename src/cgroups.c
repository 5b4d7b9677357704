// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * cgroups.c - the control groups of processes (cgroup v2): their units, containers and pods
 *
 * Service managers and container engines give each unit, container and pod a control group of
 * its own, whose name says whose it is.  The kernel compares its id, the inode number of its
 * directory (cgroups(7)).
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <ctype.h>
#include <errno.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Engines print so many characters of an id. */
#define SHORT_ID 12
#define FULL_ID 64

/* ---------------------------------------------------------------- names in a path */

/* systemd.unit(5): what has processes, but not the slices that it is in. */
static char *unit_in(const char *name)
{
	static const char *const types[] = { ".service", ".scope", ".socket",
					     ".mount", ".swap" };
	size_t i;

	for (i = 0; i < LENGTH(types); i++)
		if (ends(name, types[i]))
			return text("%s", name);
	return NULL;
}

/* A name in which systemd has written some bytes as \xNN (systemd-escape(1)). */
static char *unescaped(char *name)
{
	char *from = name, *to = name, hex[3] = "";

	while (*from) {
		if (from[0] == '\\' && from[1] == 'x' &&
		    isxdigit((unsigned char)from[2]) &&
		    isxdigit((unsigned char)from[3])) {
			memcpy(hex, from + 2, 2);
			*to++ = (char)strtol(hex, NULL, 16);
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	make_printable(name);
	return name;
}

/* A name without its two ends; NULL if it has others. */
static char *between(const char *name, const char *before, const char *behind)
{
	size_t b = strlen(before), n = strlen(name);

	if (!begins(name, before) || !ends(name, behind) ||
	    n <= b + strlen(behind))
		return NULL;
	return text("%.*s", (int)(n - b - strlen(behind)), name + b);
}

/* docker, podman, containerd and CRI-O: ENGINE-ID.scope, or the ID alone. */
static char *engine_container_in(const char *name)
{
	const char *id = strrchr(name, '-');
	size_t n;

	id = id ? id + 1 : name;
	n = strspn(id, "0123456789abcdef");
	if (n != FULL_ID || (id[n] && strcmp(id + n, ".scope")) ||
	    strstr(name, "conmon"))
		return NULL;
	return text("%.*s", FULL_ID, id);
}

/* The id of a container, or its name if it has no id: LXC, systemd-nspawn. */
static char *container_in(const char *name)
{
	char *found = engine_container_in(name);

	if (!found)
		found = between(name, "lxc.payload.", "");
	if (!found)
		found = begins(name, "machine-qemu") ?
				NULL :
				between(name, "machine-", ".scope");
	if (!found)
		found = between(name, "systemd-nspawn@", ".service");
	return found ? unescaped(found) : NULL;
}

/* Kubernetes: podUID, or kubepods-CLASS-podUID.slice with _ for each - of the UID. */
static char *pod_in(const char *name)
{
	const char *uid = begins(name, "pod") ? name : strstr(name, "-pod");
	char *found, *s;

	if (!uid || (uid != name && !strstr(name, "kubepods")))
		return NULL;
	uid += strspn(uid, "-") + strlen("pod");
	found = text("%.*s", (int)strcspn(uid, "."), uid);
	for (s = found; *s; s++)
		if (*s == '_')
			*s = '-';
	if (strlen(found) >= 32 && !found[strspn(found, "0123456789abcdef-")])
		return found;
	free(found);
	return NULL;
}

/* How the name of a directory says what the control group is for, and what an option takes. */
static const struct kind {
	const char *what;
	char *(*in)(const char *name);
	const char *takes;
} kinds[] = {
	[UNIT] = { "unit", unit_in,
		   "one that has processes, such as nginx.service; --cgroup takes the path of a slice" },
	[CONTAINER] = { "container", container_in,
			"an id, or at least 4 characters of one, or the name of one of LXC or systemd-nspawn" },
	[POD] = { "pod", pod_in, "a UID" },
};

static bool is_container(const char *name)
{
	char *found = container_in(name);

	free(found);
	return found != NULL;
}

/* The innermost; a unit only outside of containers. */
char *found_in_cgroup(const char *path, enum fact fact)
{
	char *s = text("%s", path), *at = s, *name, *found = NULL, *now;

	while ((name = strsep(&at, "/"))) {
		now = kinds[fact].in(name);
		if (now) {
			free(found);
			found = now;
		}
		if (fact == UNIT && is_container(name))
			break;
	}
	free(s);
	if (found && fact == CONTAINER && strlen(found) == FULL_ID)
		found[SHORT_ID] = '\0';
	return found ? found : text("-");
}

/* ---------------------------------------------------------------- the file system */

/* Where cgroup v2 is mounted; beside v1 it is in a directory of its own. */
static const char *root_of_cgroups(const char *option)
{
	static const char *const roots[] = { CGROUPS, CGROUPS "/unified" };
	size_t i;

	for (i = 0; i < LENGTH(roots); i++)
		if (!access(text("%s/cgroup.controllers", roots[i]), F_OK))
			return roots[i];
	misuse("%s: this machine has no cgroup v2 in " CGROUPS
	       " (see cgroups(7))",
	       option);
}

static long id_of_cgroup(const char *path)
{
	struct stat st;

	return !access(text("%s/cgroup.controllers", path), F_OK) &&
			       !stat(path, &st) ?
		       (long)st.st_ino :
		       -1;
}

/* A search of the whole tree. */
static struct {
	const struct kind *kind;
	const char *value;
	struct list ids, of_users, names;
	char *first;	   /* the name of the first that was found */
	const char *other; /* another container that begins so */
} search;

static bool is_meant(const char *name)
{
	size_t n = strlen(search.value);

	if (search.kind == &kinds[UNIT])
		return !strcmp(name, search.value) ||
		       (begins(name, search.value) &&
			!strcmp(name + n, ".service"));
	if (search.kind == &kinds[CONTAINER] && strlen(name) == FULL_ID)
		return n >= 4 && begins(name, search.value);
	return !strcmp(name, search.value);
}

/* What is below a unit or a container belongs to it. */
static int look_at(const char *path, const struct stat *st, int type,
		   struct FTW *place)
{
	char *name, *id = text("%ld", (long)st->st_ino);

	if (type != FTW_D)
		return FTW_CONTINUE;
	if (!search.kind) {
		if (!strcmp(id, search.value))
			add(&search.ids, id);
		return FTW_CONTINUE;
	}
	name = search.kind->in(path + place->base);
	if (name && is_meant(name)) {
		add(strstr(path, "/user.slice/") ? &search.of_users :
						   &search.ids,
		    id);
		if (!search.first)
			search.first = name;
		else if (strcmp(name, search.first) != 0)
			search.other = name;
		return FTW_SKIP_SUBTREE;
	}
	if (name) {
		make_printable(name);
		add(&search.names, name);
	}
	return search.kind == &kinds[UNIT] && is_container(path + place->base) ?
		       FTW_SKIP_SUBTREE :
		       FTW_CONTINUE;
}

static void walk(const char *option, const char *value, const struct kind *kind)
{
	const char *root = root_of_cgroups(option);
	int tries = 10;

	/* A control group may end meanwhile. */
	do {
		memset(&search, 0, sizeof(search));
		search.kind = kind;
		search.value = value;
		if (!nftw(root, look_at, 16, FTW_PHYS | FTW_ACTIONRETVAL))
			return;
	} while (errno == ENOENT && tries--);
	die("%s: cannot read %s: %s", option, root, strerror(errno));
}

static void find_cgroups(const char *option, const char *value, enum fact fact)
{
	walk(option, value, &kinds[fact]);
	if (!search.ids.n)
		search.ids = search.of_users;
	if (!search.ids.n)
		misuse("%s: no %s '%s' is here%s; it takes %s", option,
		       search.kind->what, value, likely(value, &search.names),
		       search.kind->takes);
	if (fact == CONTAINER && search.other)
		misuse("%s: '%s' is the beginning of %s and of %s", option,
		       value, search.first, search.other);
}

/* That of a path below the root or with it, or -1. */
static long id_at(const char *root, const char *path)
{
	return id_of_cgroup(begins(path, root) ? path :
						 text("%s/%s", root, path));
}

/* A path below the root, one with the root, an id, or pid:PID. */
static long cgroup_number(const char *option, const char *value)
{
	const char *root = root_of_cgroups(option), *path = value;
	long id;

	if (begins(value, "pid:")) {
		path = cgroup_of(running_process(text("%s pid", option),
						 value + strlen("pid:")));
		if (*path == '-')
			misuse("%s: process %s has no control group of version 2",
			       option, value + strlen("pid:"));
	} else if (value[strspn(value, "0123456789")] == '\0') {
		walk(option, value, NULL);
		if (search.ids.n)
			return whole_number(option, value, 1, LONG_MAX, NULL);
	}
	id = id_at(root, path);
	if (id < 0)
		misuse("%s: no control group '%s' in %s: it takes the path of one, its id or pid:PID",
		       option, value, root);
	return id;
}

const char *cgroup_numbers(const char *option, const char *value,
			   enum fact fact)
{
	struct list parts, ids = { 0 };
	size_t i, k;
	long id;

	/* A path may have a comma. */
	if (fact == CGROUP && strchr(value, ',')) {
		id = id_at(root_of_cgroups(option), value);
		if (id >= 0)
			return text("%ld", id);
	}
	parts = parts_of(option, value);
	for (i = 0; i < parts.n; i++) {
		if (fact == CGROUP) {
			add(&ids,
			    text("%ld", cgroup_number(option, parts.at[i])));
			continue;
		}
		find_cgroups(option, parts.at[i], fact);
		for (k = 0; k < search.ids.n; k++)
			add(&ids, search.ids.at[k]);
	}
	if (ids.n > LIST_MOST)
		misuse("%s: '%s' has %zu control groups; a filter takes at most %d, and --cgroup the path of one",
		       option, value, ids.n, LIST_MOST);
	return fitting(option,
		       text("%s%s", *value == '!' ? "!" : "", join(&ids, ",")));
}
