"""Notations as such: which one a text is in, and how a machine is read from a file."""

from __future__ import annotations

import pytest

from tm import Machine, MachineError, library
from tm.registry import detect, notations, read, read_source, readers, write, writers

BEAVER = "1RB1LB_1LA1RZ"


@pytest.mark.parametrize("notation", sorted(set(readers()) & set(writers())))
def test_a_beaver_goes_through_every_notation(notation):
    machine = library.load("bb4")
    text = write(machine, notation)
    assert read(text) == machine
    assert read(text, notation) == machine
    assert detect(text) == notation


@pytest.mark.parametrize("name", library.names())
def test_the_library_is_told_from_its_text(name):
    assert detect(library.text(name)) == "tapehead"


@pytest.mark.parametrize(
    ("text", "path", "notation"),
    [
        (BEAVER, None, "busy-beaver"),
        (BEAVER, "machine.tm", "busy-beaver"),
        ("1RB1L_1LA1RZ\n", None, "busy-beaver"),
        ("start: a", None, "tapehead"),
        ("# a comment\n\na 0 -> b 1 R", "rules.txt", "tapehead"),
        ("hello", "hello.tm", "tapehead"),
        ("", "empty.TM", "tapehead"),
    ],
)
def test_a_notation_is_told_from_the_text_before_the_files_name(text, path, notation):
    assert detect(text, path) == notation


@pytest.mark.parametrize(("text", "path"), [("hello", None), ("", None), ("hello", "a.txt"), (" \n", "a")])
def test_what_no_notation_knows_is_refused(text, path):
    with pytest.raises(MachineError, match="no notation that is known") as caught:
        detect(text, path)
    assert all(notation in str(caught.value) for notation in readers())


def test_an_unknown_notation_is_refused_with_a_guess():
    for what in (lambda name: read(BEAVER, name), lambda name: write(read(BEAVER), name)):
        with pytest.raises(MachineError, match="did you mean busy-beaver"):
            what("busy_beaver")
        with pytest.raises(MachineError, match="no such notation"):
            what("morse")


def test_the_notation_named_is_the_one_that_reads():
    with pytest.raises(MachineError, match="neither a header nor a rule"):
        read(BEAVER, "tapehead")
    with pytest.raises(MachineError, match="no busy-beaver machine"):
        read("a 0 -> b 1 R", "busy-beaver")


# ---------------------------------------------------------------------------------------------------------------- files


def test_a_file_is_read_from_a_path_or_its_name(tmp_path):
    path = tmp_path / "walk.txt"
    path.write_text("a 0 -> a 0 R\n", encoding="utf-8-sig", newline="\r\n")
    machine = Machine.read("a 0 -> a 0 R")
    for source in (path, str(path)):
        assert Machine.read(source) == machine
        assert Machine.read(source).name == "walk"
    path.write_text("machine: run\na 0 -> a 0 R\n", encoding="utf-8")
    assert Machine.read(path).name == "run"


def test_a_file_that_exists_is_read_even_if_its_name_is_a_machine(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert Machine.read(BEAVER).name == BEAVER
    (tmp_path / BEAVER).write_text("a 0 -> a 0 R", encoding="utf-8")
    assert Machine.read(BEAVER).states == ("a",)


def test_a_mistake_names_the_file(tmp_path):
    path = tmp_path / "wrong.tm"
    path.write_text("a 0 -> b 1 R\nhello\n", encoding="utf-8")
    with pytest.raises(MachineError) as caught:
        read_source(path)
    assert str(caught.value).startswith(f"{path}:2:1: neither a header nor a rule\n    hello\n    ^\n    expected: ")


@pytest.mark.parametrize("source", ["no_such_file.tm", "some/folder/machine", "incremnt"])
def test_a_missing_file_is_a_clear_error(source):
    with pytest.raises(MachineError, match="no such file"):
        Machine.read(source)


@pytest.mark.parametrize("source", ["", " ", "\n", "some words", "# only\n# comments", "x" * 5000, "x" * 300])
def test_a_text_that_is_no_machine_is_a_clear_error(source):
    with pytest.raises(MachineError):
        Machine.read(source)


def test_what_is_no_text_is_a_clear_error(tmp_path):
    path = tmp_path / "binary"
    for content, message in [
        (b"\xff\xfe\x00\xd8", "this is no text"),
        (b"\xffa", "this is no text"),
        (b"a 0 -> b 1 R\n\x00\n", "this is no text"),
        (b"", "no notation"),
    ]:
        path.write_bytes(content)
        with pytest.raises(MachineError, match=message) as caught:
            Machine.read(path)
        assert str(path) in str(caught.value)
    with pytest.raises(MachineError, match="a folder"):
        Machine.read(tmp_path)
    with pytest.raises(MachineError, match="this is no text"):
        Machine.read("a\0")


def test_a_source_is_a_string_or_a_path():
    with pytest.raises(MachineError, match="a path or a text"):
        Machine.read(5)  # type: ignore[arg-type]


@pytest.mark.parametrize("notation", readers())
def test_every_notation_has_a_size_limit_and_says_it(notation):
    longest = {"turingmachine.io": 300_000, "automata-lib": 1_000_000, "table": 40_000, "busy-beaver": 40_000}
    longest |= dict.fromkeys(["tapehead", "jflap", "jflap8"], 4_000_000)
    expected = f"too long for {notation}\n *expected: at most {longest.get(notation, 2_000_000):,} characters"
    for text in ("a" * 4_000_001, "1RB " * 10_000 + " " * 4_000_000):
        with pytest.raises(MachineError, match=expected):
            read(text, notation)
    with pytest.raises(MachineError, match=r"too long for a machine\n *expected: at most 4,000,000 characters"):
        detect("a" * 4_000_001)


@pytest.mark.parametrize(
    "piece", ["\n", " ", "\t", " \n", "{", "'", "#", "a b ", "1RB", "a: ", "<!--", "//", "-", '"a": ']
)
def test_what_is_no_machine_is_told_in_linear_time(piece):
    """A quadratic search takes minutes for these."""
    for begin in ("", "x", "<structure>", "DTM("):
        try:
            result = detect(begin + piece * (40_000 // len(piece)))
        except MachineError as error:
            result = error.problems[0].message
        assert result in (*notations(), "no notation that is known here")


@pytest.mark.parametrize("notation", sorted({*readers()} - {"busy-beaver", "jflap", "jflap8"}))
def test_a_text_that_is_something_else_altogether_is_not_read_to_its_end(notation):
    with pytest.raises(MachineError) as caught:
        read("x 1\n" * 9_000, notation)
    assert len(caught.value.problems) <= 1_001
