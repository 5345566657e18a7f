"""A command at a real pseudo-terminal: what it shows, and what is typed."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import subprocess
import termios
import time


class Terminal:
    """The command at a pseudo-terminal; it is killed after the test at the latest."""

    def __init__(self, arguments: list[str], environment: dict[str, str]) -> None:
        self.primary, secondary = pty.openpty()
        self.process = subprocess.Popen(
            arguments,
            stdin=secondary,
            stdout=secondary,
            stderr=secondary,
            env={"TERM": "xterm"} | environment,
            start_new_session=True,
            preexec_fn=_take_terminal,
        )
        os.close(secondary)
        self.shown = ""

    def until(self, wanted: str, pressing: str = "") -> str:
        """What is shown up to these words, while a key is pressed every second.

        Fails after a minute.
        """
        end, start, data = time.monotonic() + 60, self.shown, b""
        press = time.monotonic()
        while wanted not in start + data.decode(errors="ignore"):
            assert time.monotonic() < end, start + data.decode(errors="replace")
            if pressing and time.monotonic() >= press:
                self.type(pressing)
                press += 1
            if select.select([self.primary], [], [], 0.1)[0]:
                try:
                    data += os.read(self.primary, 65536)
                except OSError:  # the other side is closed
                    break
        text = start + data.decode()
        assert wanted in text, text
        before, found, self.shown = text.partition(wanted)
        return before + found

    def close(self) -> None:
        self.process.kill()
        self.process.wait(10)
        os.close(self.primary)

    def type(self, text: str) -> None:
        os.write(self.primary, text.encode())


def _take_terminal() -> None:
    # a suite that runs in the background of a shell ignores Ctrl-C, and so would what it starts
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
