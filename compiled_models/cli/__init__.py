"""The command line: a function a command, found by its name; bad input is one clear message and exit status 2."""

from __future__ import annotations

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import click

from compiled_models.cli.folder import CommandFolder
from compiled_models.cli.printing import say
from compiled_models.interrupt import INTERRUPTED, TERMINATED, Terminated, terminating
from tm import InputError, Problem, TapeheadError, TapeheadWarning

__all__ = ["commands", "main"]

UNREAD = 141  # the exit status where nobody reads the output any more: 128 and the number of SIGPIPE
SHOWN = 6  # problems of one error that are printed


@contextlib.contextmanager
def _warnings_as_text() -> Iterator[None]:
    """Show the library's own warnings as text on stderr, each time; all others as ever."""
    with warnings.catch_warnings():
        warnings.simplefilter("always", TapeheadWarning)
        default = warnings.showwarning

        def show(message: Warning | str, category: type[Warning], *rest: Any, **more: Any) -> None:
            if issubclass(category, TapeheadWarning):
                say(f"tapehead: warning: {message}", error=True)
            else:
                default(message, category, *rest, **more)

        warnings.showwarning = show
        yield


@click.group(
    cls=CommandFolder,
    package=__name__,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="tapehead", prog_name="tapehead")
def commands() -> None:
    """Computers built by hand into transformer weights.

    One fixed transformer runs every Turing machine that its prompt shows it. MACHINE is a file, a name from the
    library (`tapehead library` lists them), or a machine's text, such as `tapehead run 1RB1LB_1LA1RZ`.

    Exit status: 0 done, 1 the answer is no (rejected, not equal, not certified, not proved), 2 bad input,
    130 interrupted, 141 nobody reads the output any more, 143 terminated.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status, as `tapehead --help` has it.

    >>> main(["convert", "1RB1LB_1LA1RZ", "--to", "busy-beaver"])
    1RB1LB_1LA1RZ
    0
    """
    try:
        return _status(arguments)
    except (BrokenPipeError, SystemExit):  # click and rich leave with 1 then, which here says that the answer is no
        _write_nowhere()
        return UNREAD


def _status(arguments: Sequence[str] | None) -> int:
    try:
        with _warnings_as_text(), terminating():
            status: int = commands.main(arguments, prog_name="tapehead", standalone_mode=False) or 0
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except TapeheadError as error:
        say(f"tapehead: {_problems(error)}", error=True)
    except click.Abort as abort:
        if isinstance(abort.__cause__, EOFError):  # click takes it for the end of a terminal's input; we ask nothing
            raise abort.__cause__ from None
        say("tapehead: stopped", error=True)
        return TERMINATED if isinstance(abort.__cause__, Terminated) else INTERRUPTED
    except click.exceptions.NoArgsIsHelpError as error:  # a group without a command: what it says is its help
        say(error.format_message(), error=True)
    except click.ClickException as error:
        say(f"tapehead: {_usage(error)}", error=True)
    except BrokenPipeError:
        raise
    except OSError as error:
        say(f"tapehead: the output cannot be written: {error.strerror or error}", error=True)
        _write_nowhere()
    return 2


def _write_nowhere() -> None:
    """Send what is still to be written to nowhere: the interpreter would stumble over it as it ends."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):  # there is none, or it is no file
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _usage(error: click.ClickException) -> str:
    """What click says of a wrong command line, in the form of every other error."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = "tapehead" if context is None else context.command_path
    return str(InputError(Problem(error.format_message().rstrip("."), hint=f"`{path} --help` says what it takes")))


def _problems(error: TapeheadError) -> str:
    """The problems of an error; of very many only the first, since one slip can cause all of them."""
    if len(error.problems) <= SHOWN + 1:
        return str(error)
    first = [str(problem) for problem in error.problems[:SHOWN]]
    count = len(error.problems)
    return "\n".join([f"{count} problems, the first {SHOWN} of them:", *first, f"... and {count - SHOWN} more"])
