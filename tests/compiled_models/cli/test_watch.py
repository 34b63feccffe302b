"""`tapehead run --watch` on a terminal of its own: keys, the end, signals, sizes; and where there is no terminal."""

from __future__ import annotations

import codecs
import fcntl
import io
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pexpect
import pytest
from rich.console import Console

from compiled_models import run
from compiled_models.cli import main
from compiled_models.cli.progress import counted_steps
from compiled_models.cli.watch import FOOTER, KEYS, QUIT
from construction import base_network
from tests.commands import tapehead
from tm import library

SMALL = ("--states", "4", "--symbols", "3", "--tapes", "1")
LEAVES = "\x1b[?1049l"  # the alternate screen
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")
PATIENCE = 30  # seconds


class Terminal:
    """A pseudo-terminal, and somebody in front of it who presses keys once something stands on the screen."""

    def __init__(self, *script: tuple[str, str], columns: int = 60, lines: int = 24) -> None:
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.script, self.raw, self.unmet = list(script), "", ""
        self._thread = threading.Thread(target=self._look_and_type, daemon=True)

    def _look_and_type(self) -> None:
        looked, decoder = 0, codecs.getincrementaldecoder("utf-8")()
        while True:
            if not select.select([self.master], [], [], PATIENCE)[0]:
                os.write(self.master, b"q")  # what is wanted does not come: the test says so
                continue
            try:
                self.raw += decoder.decode(os.read(self.master, 65536))
            except OSError:
                return
            while self.script:
                wanted, keys = self.script[0]
                seen = ESCAPE.sub("", self.raw[looked:])
                if wanted not in seen:
                    break
                looked = len(self.raw)
                del self.script[0]
                os.write(self.master, keys.encode())

    @contextmanager
    def sat_at(self, monkeypatch) -> Iterator[None]:
        """Standard input and output are the terminal."""
        monkeypatch.setenv("TERM", "xterm-256color")
        columns, lines = os.get_terminal_size(self.slave)
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", str(lines))
        with (
            open(self.slave, encoding="utf-8", closefd=False) as stdin,
            open(self.slave, "w", encoding="utf-8", closefd=False) as stdout,
        ):
            monkeypatch.setattr(sys, "stdin", stdin)
            monkeypatch.setattr(sys, "stdout", stdout)
            self._thread.start()
            yield
        monkeypatch.undo()

    def leave(self) -> None:
        """Switch it off."""
        os.close(self.slave)
        self._thread.join(PATIENCE)
        os.close(self.master)

    def watch(self, monkeypatch, *arguments: str) -> int:
        """The exit status of `tapehead run ... --watch` here; the terminal has to be as it was, whatever it is."""
        before = termios.tcgetattr(self.slave)
        with self.sat_at(monkeypatch):
            status = main(["run", *SMALL, *arguments, "--watch"])
        assert termios.tcgetattr(self.slave) == before
        self.leave()
        assert not self.script, f"{self.script[0][0]!r} never stood on the screen"
        return status

    @property
    def pictures(self) -> list[str]:
        """What stood on the screen, one after the other."""
        return [ESCAPE.sub("", picture) for picture in self.raw.partition(LEAVES)[0].split("\x1b[H")[1:]]

    @property
    def afterwards(self) -> str:
        """What was printed when the animation was over."""
        return self.raw.partition(LEAVES)[2]


def test_keys_step_back_and_forth_and_play(monkeypatch):
    terminal = Terminal(
        ("2 steps/s", " 0"),  # on a slow machine it is further than the first step by then
        ("step 1 of 7   paused", "n"),
        ("step 2 of 7", "\x1b[C"),
        ("step 3 of 7", "b"),
        ("step 2 of 7", "\x1b[D"),
        ("step 1 of 7", "nn"),
        ("step 3 of 7", "0"),
        ("step 1 of 7", "x+++++ "),
        ("the end", "b"),
        ("step 6 of 7", "q"),
    )
    assert terminal.watch(monkeypatch, "increment", "11") == 0
    assert "accepted after 6 steps: no rule applies in state done" in terminal.afterwards
    assert any("64 steps/s" in picture for picture in terminal.pictures)
    ends = [picture for picture in terminal.pictures if "the end" in picture]
    assert all("<stop>" in picture and "accepted after 6 steps" in picture for picture in ends)
    paused = next(picture for picture in terminal.pictures if "paused" in picture)
    assert all(word in paused for word in ("step", "back", "speed", "quit", "play"))


def test_every_key_of_the_footer_is_taken():
    arrows = {"→": "right", "←": "left"}
    listed = [words.split()[0] for words in FOOTER.replace("+/-", "+ x  -").split("  ")]
    assert len(listed) == 7
    assert {arrows.get(key, key) for key in listed} <= {*KEYS, *QUIT}


@pytest.mark.parametrize("key", ["q", "\x1b"])
def test_quitting_prints_the_result(monkeypatch, key):
    terminal = Terminal(("step 1 of", key))
    assert terminal.watch(monkeypatch, "increment", "11") == 0
    assert "accepted after 6 steps" in terminal.afterwards
    assert terminal.raw.count("\x1b[?1049h") == terminal.raw.count(LEAVES) == 1
    assert terminal.raw.count("\x1b[?25l") == terminal.raw.count("\x1b[?25h") == 1  # the cursor is shown again


def test_a_rejected_input_has_its_exit_status(monkeypatch):
    assert Terminal(("step 1", "q")).watch(monkeypatch, "palindrome", "10", "--states", "8", "--symbols", "4") == 1


@pytest.mark.parametrize("lines", [3, 8, 24])
@pytest.mark.parametrize("columns", [20, 60, 200])
def test_a_picture_fills_the_screen_and_no_more(monkeypatch, columns, lines):
    terminal = Terminal(("step 1", "n"), ("step 2", "q"), columns=columns, lines=lines)
    terminal.watch(monkeypatch, "increment", "11")
    for picture in terminal.pictures:
        rows = picture.split("\r\n")
        assert len(rows) <= lines
        assert max(map(len, rows)) <= columns


def test_stochastic_and_searched_runs(monkeypatch):
    toss = "toss _ -> toss h R x 1\ntoss _ -> toss t R x 3"
    terminal = Terminal(("step 1 of 5", "nnnn"), ("the end", "q"))
    assert terminal.watch(monkeypatch, toss, "--seed", "1", "--max-steps", "5") == 0
    assert any("0.75 toss/_" in picture for picture in terminal.pictures)
    guess = "nondeterministic: yes\naccept: yes\na 1 -> a 1 R\na 1 -> b 1 R\nb _ -> yes _ S"
    terminal = Terminal(("step 1 of 4", "nnn"), ("the end", "q"))
    assert terminal.watch(monkeypatch, guess, "11") == 0


def test_a_run_that_may_not_begin_has_nothing_to_watch(monkeypatch):
    terminal = Terminal()
    assert terminal.watch(monkeypatch, "increment", "11", "--dtype", "bfloat16") == 1
    assert "not certified" in terminal.raw


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_with_the_terminal_as_it_was(number, status):
    command = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # also where it was ignored
        "from compiled_models.__main__ import main; sys.exit(main())"
    )
    arguments = ["-c", command, "run", "increment", "11", *SMALL, "--watch"]
    child = pexpect.spawn(sys.executable, arguments, encoding="utf-8", timeout=PATIENCE)
    before = termios.tcgetattr(child.child_fd)
    child.expect("step 1 of 7")
    if number == signal.SIGINT:
        child.send("\x1a")  # Ctrl-Z: it stops, with the terminal as it was, and goes on
        child.expect_exact(LEAVES)
        assert os.WIFSTOPPED(os.waitpid(child.pid, os.WUNTRACED)[1])
        assert termios.tcgetattr(child.child_fd) == before
        child.kill(signal.SIGCONT)
        child.expect("step . of 7")
        child.send("\x03")  # Ctrl-C
    else:
        child.kill(number)
    child.expect("tapehead: stopped")
    assert LEAVES in child.before
    assert termios.tcgetattr(child.child_fd) == before
    child.expect(pexpect.EOF)
    child.close()
    assert child.exitstatus == status


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ["watched on a terminal", "a pipe or a file", "--trace"]),
        (("--trace",), ["either watched or printed", "--watch or --trace"]),
        (("--json",), ["either watched or printed", "--watch or --json"]),
        (("--resume", "run.snapshot"), ["from its first step on", "--resume or --watch"]),
    ],
    ids=str,
)
def test_what_does_not_go_together_is_one_error(capsys, arguments, words):
    status, out, err = tapehead(capsys, "run", "increment", "11", "--watch", *arguments)
    assert (status, out) == (2, "")
    assert all(word in err for word in words)


def test_a_dumb_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    status, out, err = tapehead(capsys, "run", "increment", "11", "--watch")
    assert (status, out) == (2, "")
    assert "a dumb one" in err


def opening(monkeypatch, terminal: int | None) -> None:
    """The terminal that a process has, whatever its streams are: this one, or none."""
    really = os.open

    def open_file(path, flags, *more, **options) -> int:
        if path != "/dev/tty":
            return really(path, flags, *more, **options)
        if terminal is None:
            raise OSError(6, "No such device or address", path)
        return os.dup(terminal)

    monkeypatch.setattr(os, "open", open_file)


def test_a_terminal_without_keys(monkeypatch, capsys):
    opening(monkeypatch, None)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    status, out, err = tapehead(capsys, "run", "increment", "11", "--watch")
    assert (status, out) == (2, "")
    assert "there is no terminal to take keys from" in err


def test_keys_come_from_the_terminal_where_something_else_is_piped_in(monkeypatch):
    terminal = Terminal(("step 1 of 7", "q"))
    with terminal.sat_at(monkeypatch):
        opening(monkeypatch, terminal.slave)
        monkeypatch.setattr(sys, "stdin", io.StringIO("11"))
        assert main(["run", "increment", "11", *SMALL, "--watch"]) == 0
    terminal.leave()
    assert not terminal.script


def test_a_long_trace_says_how_far_it_is(monkeypatch):
    written = io.StringIO()
    screen = Console(file=written, force_terminal=True, width=80)
    monkeypatch.setattr("compiled_models.cli.progress.console", lambda error: screen)
    result = run(base_network(4, 3), library.load("increment"), "1111")
    assert list(counted_steps(result.trace(), result.steps)) == list(result.trace())
    assert "of 10" in written.getvalue()
