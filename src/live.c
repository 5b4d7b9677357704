// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * live.c - the live screen: shows the newest table in place, and obeys keys
 *
 * draw.c reads the records, and waits for them in live_wait(), which handles keys, signals and
 * the time.  Keys come from /dev/tty, as the standard input is the pipe of the records.
 */
#define _GNU_SOURCE
#include "stap-socket.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <term.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* ms; a screen is not drawn more often, and the time is looked at as often. */
#define REDRAW 50
#define TICK 250
#define MOST_FILTER 40

enum { RED = 1 };
enum page { TABLE, DETAILS, HELP };

struct live {
	const struct drawing *d;
	const struct look *look;
	FILE *tty;
	SCREEN *screen; /* NULL until there is something to show */
	int signals;
	bool away, gone, quits, ended; /* in the background; the screen, ... */
	bool dirty;
	int64_t begun, drawn, ticked; /* ms */

	struct kept *newest, *shown; /* the same unless paused */
	bool paused;
	char *losses, *message;
	off_t messages;
	size_t n_messages;

	enum page page;
	struct sheet sheet;
	struct list body; /* of another page than the table */
	bool is_old;	  /* the row is not in the newest table */
	size_t top, at, first_line;
	char *row; /* the identity of the selected one; or NULL: any at this place */
	char *sort, filter[MOST_FILTER + 1];
	bool reverse, typing;
};

static struct live *current;
static struct termios kept_modes;
static bool has_modes;

static const char *const help[] = {
	"up, down, PageUp, PageDown, Home, End   select a row",
	"left, right, s   sort by another column",
	"r                reverse the order",
	"/                show only rows that contain a text, in any case; Escape clears it",
	"space            pause: records are still counted, and the newest table comes after it",
	"enter            all that is known of the selected row; Escape goes back",
	"h, ?             this page",
	"Ctrl-L           draw the screen again",
	"Ctrl-Z           stop; fg continues",
	"q, Ctrl-C        end with the last table; another q does not wait for it",
};

static int64_t milliseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---------------------------------------------------------------- the terminal */

bool can_be_live(const struct look *look)
{
	const char *term = getenv("TERM");
	const char *move;
	int error;

	if (look->batch || look->json || look->csv || !isatty(1) ||
	    tcgetpgrp(1) != getpgrp() || !term || !*term ||
	    access("/dev/tty", R_OK | W_OK))
		return false;
	if (setupterm(NULL, 1, &error) == ERR)
		return false;
	move = tigetstr("cup");
	return move && move != (char *)-1;
}

void keep_terminal(void)
{
	has_modes = !tcgetattr(1, &kept_modes);
}

void restore_terminal(void)
{
	if (!has_modes || tcgetpgrp(1) != getpgrp())
		return;
	tcsetattr(1, TCSADRAIN, &kept_modes);
	if (exit_ca_mode)
		putp(exit_ca_mode);
	if (cursor_normal)
		putp(cursor_normal);
	if (exit_attribute_mode)
		putp(exit_attribute_mode);
	fflush(stdout);
}

static bool in_front(const struct live *l)
{
	return tcgetpgrp(fileno(l->tty)) == getpgrp();
}

/* A terminal with one screen keeps it, and its cursor goes to the last line. */
static void end_screen(void)
{
	move(LINES - 1, 0);
	clrtoeol();
	refresh();
	endwin();
}

static void leave_screen(void)
{
	struct live *l = current;

	if (!l || l->gone)
		return;
	l->gone = true;
	before_messages = NULL;
	/* In the background, the modes of the terminal are those of another program. */
	if (l->screen && in_front(l))
		end_screen();
	else if (l->screen && !l->away && exit_ca_mode)
		tputs(exit_ca_mode, 1, putchar);
	fflush(stdout);
}

static void resize(void)
{
	struct winsize size;

	if (!ioctl(1, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

/* False if the terminal is not one for a screen. */
static bool enter_screen(struct live *l)
{
	if (l->screen || l->gone)
		return !l->gone;
	fflush(stdout);
	/* They would win over the size of the terminal. */
	unsetenv("LINES");
	unsetenv("COLUMNS");
	l->screen = newterm(NULL, l->tty, l->tty);
	if (!l->screen) {
		l->gone = true;
		return false;
	}
	current = l;
	before_messages = leave_screen;
	cbreak();
	noecho();
	nonl();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(50);
	curs_set(0);
	if (l->look->color && has_colors()) {
		start_color();
		use_default_colors();
		init_pair(RED, COLOR_RED, -1);
	}
	resize();
	l->dirty = true;
	return true;
}

static sigset_t screen_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	sigaddset(&set, SIGWINCH);
	return set;
}

/* It is blocked, and comes through the descriptor. */
static void on_stop(int number)
{
	(void)number;
}

struct live *live_new(const struct drawing *d, const struct look *look)
{
	struct live *l = calloc(1, sizeof(*l));
	sigset_t set = screen_signals();

	if (!l)
		die("no memory");
	l->d = d;
	l->look = look;
	l->tty = fopen("/dev/tty", "r+e");
	sigprocmask(SIG_BLOCK, &set, NULL);
	l->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (!l->tty || l->signals < 0) {
		sigprocmask(SIG_UNBLOCK, &set, NULL);
		l->gone = true;
	} else {
		/*
		 * ncurses ignores SIGTSTP while it draws, unless it has a handler before:
		 * that drops one that is pending.
		 */
		signal(SIGTSTP, on_stop);
	}
	/* To set modes while the shell takes the terminal. */
	signal(SIGTTOU, SIG_IGN);
	/* They end who writes the records, and so the screen. */
	signal(SIGQUIT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	l->begun = milliseconds();
	return l;
}

/* ---------------------------------------------------------------- drawing */

/* A line of at most the width of the screen. */
static void put_line(int y, attr_t attributes, const char *s)
{
	if (y < 0 || y >= LINES)
		return;
	attrset(attributes);
	mvaddnstr(y, 0, s, COLS);
	attrset(A_NORMAL);
}

/* A line in reverse, to its end. */
static void put_bar(int y, attr_t attributes, const char *s)
{
	char *whole = text("%-*.*s", COLS, COLS, s);

	put_line(y, attributes | A_REVERSE, whole);
	free(whole);
}

static attr_t red(const struct live *l)
{
	return A_BOLD |
	       (l->look->color && has_colors() ? COLOR_PAIR(RED) : A_NORMAL);
}

/* The column that rows are sorted by, in its heading. */
static void mark_heading(const struct live *l, int y, const char *line)
{
	const char *by = l->sort ? l->sort : first_order(l->d), *at;
	char *heading = by ? heading_named(l->d, by) : NULL;
	size_t n = heading ? strlen(heading) : 0;

	put_bar(y, A_NORMAL, line);
	for (at = line; n && (at = strstr(at, heading)); at++) {
		if ((at > line && at[-1] != ' ') || (at[n] && at[n] != ' '))
			continue;
		if (at - line < COLS && y < LINES) {
			attrset(A_BOLD | A_UNDERLINE);
			mvaddnstr(y, (int)(at - line), heading,
				  COLS - (int)(at - line));
			attrset(A_NORMAL);
		}
		break;
	}
	free(heading);
}

static void select_row(struct live *l, size_t at)
{
	free(l->row);
	l->at = at;
	l->row = at < l->sheet.rows.n ? text("%s", l->sheet.rows.at[at]) : NULL;
	l->dirty = true;
}

/* Finds the selected row in another table. */
static void find_selected(struct live *l)
{
	size_t i;

	for (i = 0; l->row && i < l->sheet.rows.n; i++)
		if (!strcmp(l->sheet.rows.at[i], l->row))
			l->at = i;
	if (l->at >= l->sheet.rows.n)
		l->at = l->sheet.rows.n ? l->sheet.rows.n - 1 : 0;
}

static void make_sheet(struct live *l)
{
	struct view view = { .sort = l->sort,
			     .filter = l->filter,
			     .reverse = l->reverse,
			     .width = l->look->width ? l->look->width : COLS };

	free_list(&l->sheet.text);
	free_list(&l->sheet.rows);
	l->sheet = (struct sheet){ 0 };
	sheet_of(l->d, l->shown, &view, &l->sheet);
	find_selected(l);
}

static void draw_first_line(const struct live *l)
{
	const char *filters = l->look->filters;
	char *summary, *line;

	if (l->shown)
		summary = summary_of(l->d, l->shown);
	else
		summary = text("waiting for the first table, %lld s",
			       (long long)(milliseconds() - l->begun) / 1000);
	line = text("%s%s%s  %s", name_of_tool(l->d), filters ? " " : "",
		    filters ? filters : "", summary);
	put_line(0, A_BOLD, line);
	if (l->paused || l->quits) {
		const char *state = l->quits ? " ending " : " paused ";
		int x = COLS - (int)strlen(state);

		attrset(A_REVERSE | A_BOLD);
		mvaddnstr(0, x > 0 ? x : 0, state, COLS);
		attrset(A_NORMAL);
	}
	free(line);
	free(summary);
}

static void draw_last_line(const struct live *l, size_t room)
{
	size_t n = l->sheet.rows.n,
	       last = l->top + room < n ? l->top + room : n;
	const char *by = l->sort ? l->sort : first_order(l->d);
	char *line, *filter = text("%s", ""), *heading;

	if (l->typing) {
		line = text(
			" rows with: %s_   Enter keeps it, Escape clears it",
			l->filter);
		put_bar(LINES - 1, A_BOLD, line);
		free(line);
		free(filter);
		return;
	}
	if (*l->filter) {
		free(filter);
		filter = text("   rows with: %s", l->filter);
	}
	heading = heading_named(l->d, by ? by : "-");
	if (l->page != TABLE)
		line = text(" Escape: back to the table   q quit");
	else
		line = text(
			" %zu-%zu of %zu   sort: %s%s%s   h help  s sort  / filter  space %s  q quit",
			n ? l->top + 1 : 0, last, n + l->sheet.more, heading,
			l->reverse ? " (reversed)" : "", filter,
			l->paused ? "go on" : "pause");
	put_bar(LINES - 1, A_NORMAL, line);
	free(heading);
	free(line);
	free(filter);
}

static void draw_table(struct live *l, int y)
{
	size_t i, room = LINES - 1 > y + 1 ? (size_t)(LINES - 2 - y) : 0;

	make_sheet(l);
	if (l->at < l->top)
		l->top = l->at;
	if (room && l->at >= l->top + room)
		l->top = l->at - room + 1;
	if (l->top + room > l->sheet.rows.n)
		l->top = l->sheet.rows.n > room ? l->sheet.rows.n - room : 0;
	if (l->sheet.text.n && y < LINES - 1)
		mark_heading(l, y, l->sheet.text.at[0]);
	for (i = 0; i < room && l->top + i < l->sheet.rows.n; i++) {
		const char *line = l->sheet.text.at[1 + l->top + i];

		if (l->top + i == l->at)
			put_bar(y + 1 + (int)i, A_BOLD, line);
		else
			put_line(y + 1 + (int)i, A_NORMAL, line);
	}
	if (!l->sheet.rows.n && room && l->shown)
		put_line(y + 1, A_NORMAL,
			 *l->filter ? "no row contains this text" : "no rows");
	draw_last_line(l, room);
}

static void draw_lines(struct live *l, int y)
{
	size_t i, room = LINES - 1 > y ? (size_t)(LINES - 1 - y) : 0;

	if (l->first_line + room > l->body.n)
		l->first_line = l->body.n > room ? l->body.n - room : 0;
	for (i = 0; i < room && l->first_line + i < l->body.n; i++)
		put_line(y + (int)i, A_NORMAL, l->body.at[l->first_line + i]);
	draw_last_line(l, room);
}

/* ---------------------------------------------------------------- a row */

static void make_details(struct live *l)
{
	struct list body = { 0 };
	char *command = NULL;
	long pid = 0;

	l->is_old = !l->row || !details_of(l->d, l->shown, l->row, COLS, &body,
					   &pid, &command);
	if (l->is_old)
		return;
	/* Records of a pipe may be those of another machine. */
	if (pid > 0 && l->look->owner)
		say_process(&body, pid, command);
	free(command);
	free_list(&l->body);
	l->body = body;
}

static void redraw(struct live *l)
{
	int y = 1;

	l->dirty = false;
	l->drawn = milliseconds();
	if (!l->screen || l->away || l->gone)
		return;
	erase();
	draw_first_line(l);
	if (l->losses)
		put_line(y++, red(l), l->losses);
	if (l->message) {
		char *s = l->n_messages > 1 ?
				  text("%s (and %zu more)", l->message,
				       l->n_messages - 1) :
				  text("%s", l->message);

		put_line(y++, red(l), s);
		free(s);
	}
	if (l->page == DETAILS)
		make_details(l);
	if (l->page == DETAILS && l->is_old)
		put_line(y++, A_BOLD, "not in the newest table");
	if (l->page == TABLE)
		draw_table(l, y);
	else
		draw_lines(l, y);
	refresh();
}

/* ---------------------------------------------------------------- keys */

static void show_page(struct live *l, enum page page)
{
	size_t i;

	l->page = page;
	l->first_line = 0;
	free_list(&l->body);
	l->body = (struct list){ 0 };
	for (i = 0; page == HELP && i < LENGTH(help); i++)
		add(&l->body, help[i]);
}

static void sort_by_next(struct live *l, int step)
{
	struct list titles = shown_titles(l->d);
	const char *by = l->sort ? l->sort : first_order(l->d);
	size_t i;

	for (i = 0; i < titles.n; i++)
		if (by && !strcasecmp(titles.at[i], by))
			break;
	if (titles.n) {
		i = i == titles.n ? 0 :
				    (i + titles.n + (size_t)step) % titles.n;
		free(l->sort);
		l->sort = text("%s", titles.at[i]);
	}
	free_list(&titles);
}

static void type(struct live *l, int key)
{
	size_t n = strlen(l->filter);

	if (key == '\033')
		*l->filter = '\0';
	if (key == '\033' || key == '\r' || key == '\n' || key == KEY_ENTER)
		l->typing = false;
	else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && n)
		l->filter[n - 1] = '\0';
	else if (key >= ' ' && key <= '~' && n < MOST_FILTER) {
		l->filter[n] = (char)key;
		l->filter[n + 1] = '\0';
	}
}

static void quit(struct live *l)
{
	if (l->quits)
		l->ended = true;
	l->quits = true;
	/* As Ctrl-C does: to the tool, or to whoever writes the pipe. */
	if (l->look->owner)
		kill(l->look->owner, SIGINT);
	else
		kill(0, SIGINT);
}

static void move_to(struct live *l, long rows)
{
	long at = (long)l->at + rows, last = (long)l->sheet.rows.n - 1;
	long first = (long)l->first_line + rows;

	if (l->page == TABLE)
		select_row(l, (size_t)(at > last ? (last < 0 ? 0 : last) :
				       at < 0	 ? 0 :
						   at));
	else
		l->first_line = first < 0 ? 0 : (size_t)first;
}

static void obey(struct live *l, int key)
{
	long screenful = LINES > 4 ? LINES - 4 : 1;

	/* Another key before this one has changed the rows. */
	if (l->dirty && l->page == TABLE)
		make_sheet(l);
	l->dirty = true;
	if (key == KEY_RESIZE)
		return;
	if (l->typing) {
		type(l, key);
		return;
	}
	switch (key) {
	case 'q':
	case 'Q':
		quit(l);
		break;
	case 'h':
	case '?':
		show_page(l, l->page == HELP ? TABLE : HELP);
		break;
	case '\033':
		if (l->page == TABLE)
			*l->filter = '\0';
		show_page(l, TABLE);
		break;
	case '\r':
	case '\n':
	case KEY_ENTER:
		if (l->page != TABLE) {
			show_page(l, TABLE);
		} else if (l->sheet.rows.n) {
			select_row(l, l->at);
			show_page(l, DETAILS);
		}
		break;
	case '/':
		show_page(l, TABLE);
		l->typing = true;
		break;
	case ' ':
		l->paused = !l->paused;
		if (!l->paused && l->shown != l->newest) {
			free_kept(l->shown);
			l->shown = l->newest;
		}
		break;
	case 's':
	case KEY_RIGHT:
		sort_by_next(l, 1);
		break;
	case KEY_LEFT:
		sort_by_next(l, -1);
		break;
	case 'r':
		l->reverse = !l->reverse;
		break;
	case KEY_UP:
	case 'k':
		move_to(l, -1);
		break;
	case KEY_DOWN:
	case 'j':
		move_to(l, 1);
		break;
	case KEY_PPAGE:
		move_to(l, -screenful);
		break;
	case KEY_NPAGE:
		move_to(l, screenful);
		break;
	case KEY_HOME:
	case 'g':
		move_to(l, -1000000000);
		break;
	case KEY_END:
	case 'G':
		move_to(l, 1000000000);
		break;
	case 'L' & 31:
		clearok(curscr, TRUE);
		break;
	}
}

/* ---------------------------------------------------------------- waiting */

static void come_back(struct live *l)
{
	l->away = !in_front(l);
	if (l->away || !l->screen || l->gone)
		return;
	reset_prog_mode();
	if (enter_ca_mode)
		tputs(enter_ca_mode, 1, putchar);
	fflush(stdout);
	resize();
	clearok(curscr, TRUE);
	curs_set(0);
	l->dirty = true;
}

static void take_signals(struct live *l)
{
	struct signalfd_siginfo s;

	while (read(l->signals, &s, sizeof(s)) == sizeof(s)) {
		if (s.ssi_signo == SIGTSTP) {
			if (l->screen && !l->gone && !l->away)
				end_screen();
			l->away = true;
			kill(getpid(), SIGSTOP);
			come_back(l);
		} else if (s.ssi_signo == SIGCONT) {
			come_back(l);
		} else if (l->screen && !l->gone && !l->away) {
			resize();
			l->dirty = true;
		}
	}
}

/* The last line that others have to say. */
static void take_messages(struct live *l)
{
	char line[1024], *end;
	struct stat s;
	ssize_t n;

	if (l->look->messages < 0 || !l->look->owner ||
	    fstat(l->look->messages, &s))
		return;
	while (l->messages < s.st_size) {
		n = pread(l->look->messages, line, sizeof(line) - 1,
			  l->messages);
		if (n <= 0)
			return;
		line[n] = '\0';
		end = strchr(line, '\n');
		if (!end && n < (ssize_t)sizeof(line) - 1)
			return;
		if (end)
			*end = '\0';
		l->messages += (off_t)strlen(line) + (end != NULL);
		make_printable(line);
		free(l->message);
		l->message = text("%s", line);
		l->n_messages++;
		l->dirty = true;
	}
}

static void tick(struct live *l)
{
	int64_t now = milliseconds();

	if (now - l->ticked < TICK)
		return;
	l->ticked = now;
	if (l->look->owner && getppid() != l->look->owner) {
		leave_screen(); /* it has crashed */
		return;
	}
	if (!l->screen && has_tables(l->d) && in_front(l))
		enter_screen(l);
	if (l->screen && l->away && in_front(l))
		come_back(l);
	take_messages(l);
	l->dirty |= !l->shown || l->page == DETAILS;
}

bool live_wait(struct live *l, int from)
{
	while (!l->ended && !l->gone) {
		bool due = milliseconds() - l->drawn >= REDRAW, keys;
		struct pollfd p[3] = { { .fd = from, .events = POLLIN },
				       { .fd = l->signals, .events = POLLIN } };
		int key;

		if (l->dirty && due)
			redraw(l);
		keys = l->screen && !l->away && in_front(l);
		p[2] = (struct pollfd){ .fd = keys ? fileno(l->tty) : -1,
					.events = POLLIN };
		poll(p, 3, l->dirty ? REDRAW : TICK);
		if (p[1].revents)
			take_signals(l);
		if (keys && (p[2].revents & (POLLHUP | POLLERR | POLLNVAL)))
			leave_screen();
		else if (keys && p[2].revents && in_front(l))
			while ((key = getch()) != ERR)
				obey(l, key);
		if (!(p[0].revents & POLLIN))
			tick(l);
		if (p[0].revents && !l->ended) {
			tick(l);
			return true;
		}
	}
	return l->gone && !l->ended;
}

bool live_take(struct live *l, struct kept *t)
{
	if (l->gone || (!l->screen && in_front(l) && !enter_screen(l)))
		return false;
	if (l->newest != l->shown)
		free_kept(l->newest);
	if (!l->paused) {
		free_kept(l->shown);
		l->shown = t;
	}
	l->newest = t;
	l->dirty = true;
	return true;
}

void live_lost(struct live *l, char *losses)
{
	free(l->losses);
	l->losses = losses;
	l->dirty = true;
}

struct kept *live_end(struct live *l)
{
	struct kept *newest = l->newest;
	sigset_t set = screen_signals();

	leave_screen();
	l->gone = true;
	signal(SIGTSTP, SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (l->signals >= 0)
		close(l->signals);
	if (l->tty)
		fclose(l->tty);
	l->signals = -1;
	l->tty = NULL;
	if (l->shown != newest)
		free_kept(l->shown);
	return newest;
}
