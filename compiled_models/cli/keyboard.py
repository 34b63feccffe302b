"""Keys as they are pressed, without waiting for the end of a line; the terminal is left as it was found."""

from __future__ import annotations

import os
import re
import select
import sys
from types import TracebackType
from typing import Any

from tm import InputError, Problem

try:
    import termios
    import tty
except ImportError:  # Windows: `Keyboard` says so
    termios = tty = None  # type: ignore[assignment]

__all__ = ["Keyboard"]

NAMES = {"\x1b[A": "up", "\x1b[B": "down", "\x1b[C": "right", "\x1b[D": "left", "\x1b[H": "home", "\x1b[1~": "home"}
NAMES |= {"\x1b": "escape", " ": "space", "\r": "enter", "\n": "enter", "\x7f": "backspace", "\b": "backspace"}
ONE_KEY = re.compile(r"\x1b[\[O][0-9;]*[A-Za-z~]|[\s\S]")
REST = 0.05  # seconds in which the rest of a key's sequence arrives


class Keyboard:
    """The keys of the terminal, while it is entered: stdin, or where something is piped in, the terminal itself.

    Ctrl-C and Ctrl-Z are signals as ever.

    Raises:
        InputError: where there is no terminal.
    """

    def __init__(self) -> None:
        if termios is None:
            raise InputError(Problem("keys cannot be read on this system", "a terminal as POSIX has it"))
        self._own: int | None = None
        if sys.stdin is not None and sys.stdin.isatty():
            self._file = sys.stdin.fileno()
            return
        try:
            self._file = self._own = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
        except OSError as error:
            raise InputError(Problem("there is no terminal to take keys from", "a terminal", "none")) from error

    def __enter__(self) -> Keyboard:
        self._before: list[Any] = termios.tcgetattr(self._file)
        tty.setcbreak(self._file, termios.TCSANOW)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        termios.tcsetattr(self._file, termios.TCSAFLUSH, self._before)

    def close(self) -> None:
        """Close what was opened for it."""
        if self._own is not None:
            os.close(self._own)

    def pressed(self, seconds: float) -> list[str]:
        """The keys that are pressed within so many seconds: a character each, or a name; "hangup" where none can come.

        It returns as soon as there is one.
        """
        if not self._ready(seconds):
            return []
        try:
            data = os.read(self._file, 1024)
            while data.endswith((b"\x1b", b"\x1b[", b"\x1bO")) and self._ready(REST):
                data += os.read(self._file, 1024)
        except OSError:
            data = b""
        return keys_of(data.decode(errors="replace")) if data else ["hangup"]

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._file], [], [], seconds)[0])


def keys_of(text: str) -> list[str]:
    r"""The keys that a terminal reports with a text.

    >>> keys_of("q \x1b[C\x1bOD\x1b")
    ['q', 'space', 'right', 'left', 'escape']
    """
    keys = (key.replace("\x1bO", "\x1b[") for key in ONE_KEY.findall(text))
    return [NAMES.get(key, key) for key in keys]
