"""What is read from a path is a regular file of bounded size; a text is never taken for a path."""

from __future__ import annotations

import os
import threading

import pytest

from tm import FileError, Machine, MachineError
from tm.file import LARGEST, read_bytes, read_text, regular_file

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes and devices under paths")


@pytest.fixture
def pipe(tmp_path):
    """A pipe that nobody ever writes into."""
    os.mkfifo(tmp_path / "pipe")
    return tmp_path / "pipe"


def test_a_regular_file_is_read_whole(tmp_path):
    path = tmp_path / "file"
    for content in (b"", b"a", os.urandom(3_000_000)):
        path.write_bytes(content)
        for named in (path, str(path)):
            assert read_bytes(named) == content
    path.write_bytes(b"\xef\xbb\xbfa\r\nb")
    assert read_text(path) == "a\r\nb"
    (tmp_path / "link").symlink_to(path)
    assert read_text(tmp_path / "link") == "a\r\nb"


def test_a_pipe_and_a_device_are_not_waited_for(pipe, tmp_path):
    before = set(threading.enumerate())
    for path, kind in ((pipe, "a pipe"), ("/dev/zero", "a device"), (os.devnull, "a device")):
        for read in (regular_file, read_bytes, read_text):
            with pytest.raises(FileError, match=f"no file to read from(.|\n)*{kind}"):
                read(path)
    assert set(threading.enumerate()) <= before


@pytest.mark.parametrize(
    ("path", "reason"), [("nowhere", "no such file"), (".", "a folder"), ("a\0b", "no such file"), ("", "no such file")]
)
def test_what_is_no_file(path, reason):
    with pytest.raises(FileError, match=reason):
        read_bytes(path)


def test_a_file_has_a_bound(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"x" * 100)
    assert len(read_bytes(path, largest=100)) == 100
    with pytest.raises(FileError, match=r"too large(.|\n)*at most 99 bytes(.|\n)*100"):
        read_bytes(path, largest=99)
    with path.open("wb") as stream:
        stream.truncate(LARGEST + 1)
    with pytest.raises(FileError, match="too large"):
        read_text(path)


@pytest.mark.skipif(not os.path.exists("/proc/self/maps"), reason="no files that are larger than they say")
def test_a_file_that_says_it_is_empty_has_a_bound_too():
    assert os.stat("/proc/self/maps").st_size == 0
    with pytest.raises(FileError, match="too large"):
        read_bytes("/proc/self/maps", largest=100)


def test_a_machine_is_a_regular_file(pipe, tmp_path):
    for source, reason in ((pipe, "a pipe"), (str(pipe), "a pipe"), ("/dev/zero", "a device"), (tmp_path, "a folder")):
        with pytest.raises(MachineError, match=reason):
            Machine.read(source)
    (tmp_path / "large.tm").write_bytes(b"a 0 -> b 1 R\n" * (LARGEST // 13 + 1))
    with pytest.raises(MachineError, match="too large"):
        Machine.read(tmp_path / "large.tm")


def test_a_text_is_never_a_path(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("1RB1LB_1LA1RZ", "walk", "a 0 -> b 1 R"):
        (tmp_path / name).write_text("secret 0 -> secret 1 R")
    assert Machine.parse("1RB1LB_1LA1RZ").states == ("A", "B", "Z")
    assert Machine.parse("a 0 -> b 1 R").states == ("a", "b")
    assert Machine.read("a 0 -> b 1 R").states == ("secret",)
    for text in ("walk", "/etc/passwd", "/dev/zero", str(tmp_path / "walk"), ".", ""):
        with pytest.raises(MachineError) as error:
            Machine.parse(text)
        assert "secret" not in str(error.value)
    with pytest.raises(MachineError, match="parsed from a text"):
        Machine.parse(tmp_path / "walk")


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [
        ("", "utf-8"),
        ("", "utf-8-sig"),
        ("", "utf-16"),
        ("", "utf-32"),
        ("<?xml version='1.0' encoding='utf-8'?>\n", "utf-8"),
        ('<?xml version="1.0" encoding = "ISO-8859-1" standalone="no"?>', "iso-8859-1"),
        ("<?xml version='1.0' encoding='windows-1252'?>", "windows-1252"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16-le"),
        ('<?xml version="1.0" encoding="UTF-16"?>', "utf-16-be"),
        ("#!/usr/bin/python\n# -*- coding: latin-1 -*-\n", "latin-1"),
        ("# coding=cp1252\n", "cp1252"),
        ("# coding: unary\n", "utf-8"),
        ("# coding: latin-1, or so\n", "utf-8"),
    ],
)
def test_a_text_is_in_the_encoding_that_it_declares(tmp_path, declared, encoding):
    path = tmp_path / "file"
    path.write_bytes((declared + "é ÿ").encode(encoding))
    assert read_text(path) == declared + "é ÿ"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"a \xe9", r"this is no text(.|\n)*a text in UTF-8(.|\n)*byte 233 at 2"),
        (b"\xff\xfea", r"this is no text(.|\n)*a text in UTF-16"),
        (b"# coding: punycode\n\xe9", "a text in UTF-8"),
        (b"<?xml version='1.0' encoding='klingon'?>", r"no such encoding(.|\n)*klingon"),
        (b"<?xml version='1.0' encoding='punycode'?>", "no such encoding"),
        (b"<?xml version='1.0' encoding='ascii'?>\xe9", "a text in ASCII"),
    ],
)
def test_what_is_no_text_in_its_encoding(tmp_path, content, reason):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FileError, match=reason):
        read_text(path)
