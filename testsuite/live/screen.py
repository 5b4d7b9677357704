# SPDX-License-Identifier: GPL-2.0-or-later
"""A program in a terminal: pyte shows what a person would see."""
import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time

import pyte


class Terminal:
    """A pseudo-terminal with a shell that controls jobs, as that of a user does."""

    def __init__(self, columns=80, rows=24, **environment):
        self.raw = b""
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.pid, self.fd = pty.fork()
        if not self.pid:
            env = dict(os.environ, TERM="xterm", PS1="$ ", TZ="UTC", LC_ALL="C")
            for name in ("COLUMNS", "LINES", "NO_COLOR", "PROMPT_COMMAND"):
                env.pop(name, None)
            env.update(environment)
            # A shell without job control ignores it in what it starts in the background.
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            os.execvpe("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"], env)
        self.resize(columns, rows)

    def resize(self, columns, rows):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def read(self, seconds=0.05):
        """Takes what the program prints, until it prints nothing for so long."""
        while select.select([self.fd], [], [], seconds)[0]:
            try:
                data = os.read(self.fd, 65536)
            except OSError:
                return
            if not data:
                return
            self.raw += data
            self.stream.feed(data)

    def lines(self):
        self.read()
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        return "\n".join(self.lines()).rstrip()

    def keys(self, keys):
        os.write(self.fd, keys.encode())

    def wait(self, condition, seconds=60):
        """Until the text on the screen meets a condition or has a string; returns the text."""
        if isinstance(condition, str):
            wanted = condition
            condition = lambda text: wanted in text
        end = time.monotonic() + seconds
        while True:
            text = self.text()
            if condition(text) or time.monotonic() > end:
                return text

    def modes(self):
        """What stty -g prints."""
        return termios.tcgetattr(self.fd)

    def reversed_lines(self):
        """The lines that are in reverse at their beginning."""
        self.read()
        return [y for y in range(self.screen.lines)
                if self.screen.buffer[y][0].reverse]

    def close(self):
        os.close(self.fd)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
