"""Text that is not ours, on the command line: whatever a file holds, no terminal is told to do anything by it."""

from __future__ import annotations

import itertools
import json
import os
import re
from collections.abc import Iterator
from random import Random

import click
import pytest

from benchmarks.fuzz import seeds
from compiled_models.cli import commands, main
from tm.registry import readers, writers
from tm.text import shown

NASTY = [
    "\x1b]0;owned\x07",  # a window's title
    "\x1b[31mred\x1b[0m",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\x7f\x08\r",
    "a\u202eb\u2066c",
    "a\u200bb",
    "\u0301",
    "\u3164",
    "\ufeffz",
    "\U000e0041",
    "\ue000",
    "a\u2028b",
    "two\nlines\taccepted after 0 steps",
]
HARMLESS = ["[red]", "[/]", ":smile:", "é", "ⴰ", "שלום", "状态", "नमस्ते", "❤️"]


def machine_text() -> str:
    """A machine in our own notation whose name, states and symbols are made of these; a run reads one after another."""
    few = ["".join(NASTY[:5]), *NASTY[5:8], "".join(NASTY[8:]), *HARMLESS[:2], " ".join(HARMLESS)]
    written = [json.dumps(name) for name in few]
    rules = "\n".join(f"{name} _ -> {following} {name} R" for name, following in itertools.pairwise(written))
    return f"machine: {written[0]}\naccept: {written[-1]}\n{rules}\n"


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """All commands of a group and of the groups in it, with their names."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        yield (*path, name), command


COMMANDS = dict(every_command(commands))


def unsafe(text: str) -> list[str]:
    """The characters that no terminal should get, of all but line breaks."""
    return [line for line in text.split("\n") if shown(line) != line]


def takes_machine(command: click.Command) -> bool:
    """Whether it takes a machine; experiments and the prover, which take minutes, are left out.

    (The prover is given numbers alone, no name: see `construction.theorem.exported`.)
    """
    if command is COMMANDS["prove",]:
        return False
    return any(p.name == "tuned" or (p.name == "machine" and isinstance(p, click.Argument)) for p in command.params)


def good_call(command: click.Command, machine: str, folder: str) -> Iterator[list[str]]:
    """The arguments of calls that work, with the machine and a file of an awkward name wherever one is asked for."""
    fixed: list[str] = []
    also = {"output"} if any(p.name == "site" for p in command.params) else set()  # a page has to go somewhere
    for parameter in command.params:
        if parameter.name in ("machine", "tuned"):
            fixed += [machine] if isinstance(parameter, click.Argument) else [parameter.opts[0], machine]
        elif isinstance(parameter.type, click.Path) and (parameter.required or parameter.name in also):
            fixed += [parameter.opts[0], f"{folder}/out\x1b]0;owned\x07\u202e.svg"]
        elif parameter.name == "force":
            fixed.append("--force")
        elif parameter.name == "tensor":
            fixed.append("blocks.3.mlp.W_out")
    apart = {"version", "watched"}  # what is watched asks for keys, and is tested in a terminal of its own
    options = [p for p in command.params if isinstance(p, click.Option) and p.is_flag and p.name not in apart]
    flags = [option.opts[0] for option in options]
    targets = [["--to", name] for name in writers()] if any(p.name == "target" for p in command.params) else [[]]
    for target, flag in itertools.product(targets, [[], *([flag] for flag in flags)]):
        yield [*fixed, *target, *flag]


@pytest.fixture
def machine(tmp_path):
    path = tmp_path / "owned\x1b]0;file\x07\u202e[red].tm"
    path.write_text(machine_text(), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("path", [path for path, command in COMMANDS.items() if takes_machine(command)], ids=" ".join)
@pytest.mark.filterwarnings("ignore::tm.errors.NotationWarning", "ignore:Glyph")
def test_a_command_shows_no_name_as_it_is(capsys, monkeypatch, machine, tmp_path, path):
    """Also on a terminal, where colours are our own, and where what is data elsewhere is for eyes only."""
    monkeypatch.setattr("compiled_models.cli.printing.on_terminal", lambda: True)
    monkeypatch.setattr("webbrowser.open", lambda address: address)
    for arguments in good_call(COMMANDS[path], machine, str(tmp_path)):
        status = main([*path, *arguments])
        out, err = capsys.readouterr()
        assert status in (0, 1) or "--to" in arguments, err
        assert out + err
        assert unsafe(out + err) == [], arguments


@pytest.fixture
def rejecting_prover(tmp_path, monkeypatch) -> None:
    """A prover that is asked for its version and then rejects: the real one takes a minute, where it is installed."""
    command = tmp_path / "coqc"
    command.write_text('#!/bin/sh\n[ "$1" = -print-version ] && echo 8.16.1 4.13.1 && exit\necho Error >&2; exit 1\n')
    command.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.chdir(tmp_path)  # what the prover leaves behind goes to a folder here


@pytest.mark.parametrize("path", list(COMMANDS), ids=" ".join)
def test_no_argument_reaches_the_terminal_as_it_is(capsys, rejecting_prover, machine, path):
    """Every argument and option of every command is given something that is not meant, one at a time."""
    command, nasty = COMMANDS[path], f"{machine}/" + "".join(NASTY).replace("\n", "")  # below a file there is nothing
    seen = 0
    for parameter in command.params:
        if isinstance(parameter, click.Option) and parameter.is_flag:
            continue
        if parameter.name in ("machine", "input", "output") and path[0] == "elicit":
            continue  # these are looked at after seconds or minutes of measuring
        first = [machine] if takes_machine(command) and parameter.name not in ("machine", "tuned") else []
        words = [nasty] if isinstance(parameter, click.Argument) else [parameter.opts[0], nasty]
        status = main([*path, *first, *words])
        out, err = capsys.readouterr()
        seen += status == 2
        assert unsafe(out + err) == []
    main([*path, f"--{nasty}"])
    out, err = capsys.readouterr()
    assert unsafe(out + err) == []
    assert seen or all(isinstance(parameter, click.Option) and parameter.is_flag for parameter in command.params)


@pytest.mark.parametrize("notation", readers())
@pytest.mark.filterwarnings("ignore::tm.errors.NotationWarning")
def test_no_broken_file_reaches_the_terminal_as_it_is(capsys, tmp_path, notation):
    random, path = Random(notation), tmp_path / "broken\x1b[31m"
    failed = 0
    for number in range(24):
        text = random.choice(seeds(notation))
        for _ in range(random.choice([1, 2, 5])):
            at = random.randrange(len(text) + 1)
            text = text[:at] + random.choice(NASTY) + text[at + random.choice([0, 1, 3]) :]
        path.write_text(text, encoding="utf-8", newline="")
        failed += main(["check", str(path), *(["--notation", notation] if number % 2 else [])]) == 2
        out, err = capsys.readouterr()
        assert unsafe(out + err) == []
    assert failed


def test_markup_and_emoji_codes_are_text(capsys, monkeypatch, machine):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "400")
    main(["run", machine, "--trace"])
    out, _ = capsys.readouterr()
    assert "\x1b[" in out  # our own colours
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert unsafe(plain) == []
    assert all(name in plain for name in HARMLESS)
    assert "owned" in plain


def test_data_is_exact_in_a_pipe_and_spelled_out_on_a_terminal(capsys, monkeypatch):
    convert = ["convert", 'a "\\u3164" -> a 1 R', "--to", "morphett"]
    main(convert)
    assert "a \u3164 1 r a\n" in capsys.readouterr().out
    monkeypatch.setattr("compiled_models.cli.printing.on_terminal", lambda: True)
    main(convert)
    assert "a \\u3164 1 r a\n" in capsys.readouterr().out
