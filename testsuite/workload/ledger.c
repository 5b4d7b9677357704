// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The ledger: kept in memory shared with every child, written out at the end
 * or when the program is killed by its watchdog or a fatal signal.
 */
#include "traffic.h"

#include <sys/mman.h>
#include <sys/stat.h>

#define TEXT_MAX (32UL << 20)
#define TALK_MAX (1UL << 16)

struct shared {
	size_t used;
	size_t talk_used;
	unsigned int failures;
	unsigned int skips;
	unsigned int scenarios;
	bool full;
	char talk[TALK_MAX];
	char text[TEXT_MAX];
};

const char *const kind_name[KIND_MAX] = {
	"none",	      "sendmsg",   "aio_write", "writev",   "recvmsg",
	"aio_read",   "readv",	   "create",	"close",    "connect",
	"bind",	      "listen",	   "accept",	"shutdown", "setsockopt",
	"getsockopt", "connected",
};

static struct shared *led;
static int led_fd = STDOUT_FILENO;
static pid_t led_owner;
static char scenario_now[64] = "-";
static bool none_next;
static char extra_next[2048];

uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000ULL + (uint64_t)ts.tv_nsec;
}

static void write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t r = write(fd, p, n);

		if (r < 0 && errno == EINTR)
			continue;
		if (r <= 0)
			return;
		p += r;
		n -= (size_t)r;
	}
}

static void append(char *area, size_t max, size_t *used, const char *s,
		   size_t n)
{
	size_t at = __atomic_fetch_add(used, n, __ATOMIC_SEQ_CST);

	if (at + n > max) {
		led->full = true;
		return;
	}
	memcpy(area + at, s, n);
}

static void talk_v(const char *lead, const char *fmt, va_list ap)
{
	char line[512];
	int n, m;

	n = snprintf(line, sizeof(line), "traffic: %s", lead);
	m = vsnprintf(line + n, sizeof(line) - (size_t)n - 1, fmt, ap);
	if (m > (int)sizeof(line) - n - 2)
		m = (int)sizeof(line) - n - 2;
	n += m;
	line[n++] = '\n';
	append(led->talk, TALK_MAX, &led->talk_used, line, (size_t)n);
}

void complain(const char *fmt, ...)
{
	char lead[128];
	va_list ap;

	__atomic_fetch_add(&led->failures, 1, __ATOMIC_SEQ_CST);
	snprintf(lead, sizeof(lead), "%s: ", scenario_now);
	va_start(ap, fmt);
	talk_v(lead, fmt, ap);
	va_end(ap);
}

void note(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	talk_v("", fmt, ap);
	va_end(ap);
}

void die(const char *fmt, ...)
{
	va_list ap;

	fputs("traffic: ", stderr);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	exit(2);
}

void ledger_line(const char *fmt, ...)
{
	char line[KEYS_TEXT + 4096];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof(line) - 1, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof(line) - 2)
		n = (int)sizeof(line) - 2;
	line[n++] = '\n';
	append(led->text, TEXT_MAX, &led->used, line, (size_t)n);
}

void ledger_scenario(const char *name)
{
	snprintf(scenario_now, sizeof(scenario_now), "%s", name);
	none_next = false;
	extra_next[0] = 0;
	led->scenarios++;
}

const char *ledger_cell_name(void)
{
	return scenario_now;
}

unsigned int ledger_scenarios(void)
{
	return led->scenarios;
}

static size_t clipped(size_t used, size_t max)
{
	return used < max ? used : max;
}

static void ledger_flush(void)
{
	write_all(led_fd, led->text, clipped(led->used, TEXT_MAX));
	write_all(STDERR_FILENO, led->talk, clipped(led->talk_used, TALK_MAX));
}

static void on_fatal(int sig)
{
	static const char late[] =
		"traffic: stopped by its watchdog in scenario ";
	static const char hit[] = "traffic: stopped by a signal in scenario ";

	if (getpid() == led_owner) {
		ledger_flush();
		if (sig == SIGALRM)
			write_all(STDERR_FILENO, late, sizeof(late) - 1);
		else
			write_all(STDERR_FILENO, hit, sizeof(hit) - 1);
		write_all(STDERR_FILENO, scenario_now, strlen(scenario_now));
		write_all(STDERR_FILENO, "\n", 1);
	}
	_exit(1);
}

/* A machine that is N times as slow gets N times the time: TRAFFIC_PATIENCE=N. */
unsigned int ledger_patience(void)
{
	const char *asked = getenv("TRAFFIC_PATIENCE");
	long times = asked ? strtol(asked, NULL, 10) : 1;

	if (times < 1 || times > 100)
		die("TRAFFIC_PATIENCE is 1 to 100, not %s", asked);
	return (unsigned int)times;
}

void ledger_watchdog(unsigned int seconds)
{
	alarm(seconds * ledger_patience());
}

/* a forked child has no alarm of its own and must not outlive a fault */
void ledger_child(void)
{
	ledger_watchdog(30);
}

void ledger_open(const char *path)
{
	static const int fatal[] = {
		SIGALRM, SIGTERM, SIGINT,  SIGHUP, SIGQUIT,
		SIGSEGV, SIGBUS,  SIGABRT, SIGFPE, SIGILL,
	};
	struct sigaction sa = { .sa_handler = on_fatal };
	size_t i;

	led = mmap(NULL, sizeof(*led), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (led == MAP_FAILED)
		die("no memory for the ledger: %s", strerror(errno));
	if (path) {
		led_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			      0644);
		if (led_fd < 0)
			die("cannot write %s: %s", path, strerror(errno));
	}
	led_owner = getpid();
	for (i = 0; i < ARRAY_SIZE(fatal); i++)
		sigaction(fatal[i], &sa, NULL);
	signal(SIGPIPE, SIG_IGN);
	ledger_line("# traffic ledger 1");
}

/*
 * The process's own output must not look like traffic: when stderr is itself
 * a socket, writing there gets a ledger line (before it is known how it ends).
 */
int ledger_finish(void)
{
	struct stat st;

	alarm(0);
	if (led->full)
		note("the ledger is full, lines are missing");
	if (led->talk_used && !fstat(STDERR_FILENO, &st) &&
	    S_ISSOCK(st.st_mode))
		ledger_line("note stderr=socket pid=%d t0=%llu", getpid(),
			    (unsigned long long)now_ns());
	ledger_flush();
	if (led_fd != STDOUT_FILENO && close(led_fd) < 0)
		return 1;
	return led->failures || led->full ? 1 : 0;
}

void skip(const char *fmt, ...)
{
	char why[128], *p;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	for (p = why; *p; p++)
		if (*p == ' ')
			*p = '_';
	__atomic_fetch_add(&led->skips, 1, __ATOMIC_SEQ_CST);
	ledger_line("skip scenario=%s why=%s", scenario_now, why);
}

long want(const char *call, long expected, long seen)
{
	if (expected != seen)
		complain("%s: expected %ld, seen %ld%s%s%s", call, expected,
			 seen, seen < 0 ? " (" : "",
			 seen < 0 ? strerror((int)-seen) : "",
			 seen < 0 ? ")" : "");
	return seen;
}

long want_any(const char *call, long seen, int n, ...)
{
	char list[160] = "";
	size_t at = 0;
	va_list ap;
	int i;

	va_start(ap, n);
	for (i = 0; i < n; i++) {
		long v = va_arg(ap, long);

		if (v == seen)
			break;
		if (at < sizeof(list))
			at += (size_t)snprintf(list + at, sizeof(list) - at,
					       "%s%ld", i ? " or " : "", v);
	}
	va_end(ap);
	if (i == n)
		complain("%s: expected %s, seen %ld", call, list, seen);
	return seen;
}

long want_ok(const char *call, long seen)
{
	if (seen < 0)
		complain("%s: expected success, seen %ld (%s)", call, seen,
			 strerror((int)-seen));
	return seen;
}

void next_none(void)
{
	none_next = true;
}

void next_extra(const char *fmt, ...)
{
	size_t at = strlen(extra_next);
	va_list ap;

	if (at + 2 > sizeof(extra_next))
		return;
	extra_next[at++] = ' ';
	va_start(ap, fmt);
	vsnprintf(extra_next + at, sizeof(extra_next) - at, fmt, ap);
	va_end(ap);
}

bool next_is_none(void)
{
	return none_next;
}

static void put_line(const struct window *w, enum kind kind, pid_t pid,
		     pid_t tid, const struct sock_id *id,
		     const struct sock_ends *was, long asked, long result)
{
	static const struct sock_id nothing;
	char res[24], state0[24] = "", keys[KEYS_TEXT];

	if (!id)
		id = &nothing;
	if (none_next)
		kind = KIND_NONE;
	if (result == RESULT_UNSEEN)
		strcpy(res, "?");
	else
		snprintf(res, sizeof(res), "%ld", result);
	if (was && id->looked && id->state0 != id->state)
		snprintf(state0, sizeof(state0), " state0=%d", id->state0);
	keys_text(keys, kind, id, was, result);
	ledger_line(
		"ev scenario=%s op=%s t0=%llu t1=%llu pid=%d tid=%d kind=%s "
		"asked=%ld result=%s family=%d type=%d protocol=%d "
		"state=%d%s%s%s",
		scenario_now, w->op, (unsigned long long)w->t0,
		(unsigned long long)w->t1, pid, tid, kind_name[kind], asked,
		res, id->family, id->type, id->protocol, id->state, state0,
		keys, extra_next);
	none_next = false;
	extra_next[0] = 0;
}

/* a socket as it was after the last line about it */
void put_event_id(const struct window *w, enum kind kind, pid_t pid, pid_t tid,
		  const struct sock_id *id, long asked, long result)
{
	put_line(w, kind, pid, tid, id, NULL, asked, result);
}

long put_event(const struct window *w, enum kind kind, int fd, long asked,
	       long result)
{
	struct sock_id *id = id_of(fd);
	const struct sock_ends *was = NULL;

	if (id && id->looked) {
		if (kind != KIND_CLOSE) {
			sock_look(fd, id, &id->is);
			was = &id->was;
		} else {
			id->is = id->was;
			if (!closing_sure(id))
				id->is.tcp = TCP_VAGUE;
		}
	}
	put_line(w, kind, getpid(), gettid(), id, was, asked, result);
	return result;
}

void put_kernel(const struct window *w, int cmin, int cmax, int lmin, int lmax)
{
	ledger_line("kernel scenario=%s op=%s t0=%llu t1=%llu pid=%d tid=%d "
		    "create=%d-%d close=%d-%d",
		    scenario_now, w->op, (unsigned long long)w->t0,
		    (unsigned long long)w->t1, getpid(), gettid(), cmin, cmax,
		    lmin, lmax);
}
