from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tm import Machine, Problem
from tm.text import json_shown, quoted, shown

ANY = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("\x1b[31m", r"\x1b[31m"),
        ("\x9b1m\x7f", r"\x9b1m\x7f"),
        ("a\nb\tc\r", r"a\nb\tc\r"),
        ("\u202eabc\u2066", r"\u202eabc\u2066"),
        ("a\u200bb\u200db\ufeff\u00ad", r"a\u200bb\u200db\ufeff\xad"),
        ("\u2028\u2029\ue000", r"\u2028\u2029\ue000"),
        ("\udcff", r"\udcff"),
        ("\U000e0041\ufffe", r"\U000e0041\ufffe"),
        ("\u3164\u115f\uffa0\u034f", r"\u3164\u115f\uffa0\u034f"),
        ("\u0301a", r"\u0301a"),
        ("(\u0301) \u0301", r"(\u0301) \u0301"),
        ("a" + "\u0301" * 6, "a" + "\u0301" * 4 + r"\u0301\u0301"),
        ("a\ufe0f", r"a\ufe0f"),
        ("\u200d\u0301", r"\u200d\u0301"),
    ],
)
def test_what_is_not_seen_or_does_something_is_spelled_out(text, seen):
    assert shown(text) == seen


@pytest.mark.parametrize(
    "text",
    [
        *("", "plain text, [red] :smile: \\x1b \\", "é", "e\u0301", "Tiếng Việt", "Tie\u0302\u0301ng", "שלום", "שָׁלוֹם"),
        *("العربية", "हिन्दी", "ไทย", "状态", "한국어", "日本\u3000語", "a\u00a0b", "𝄞", "🙂", "❤\ufe0f"),
        "⊢ → ∅ ≠ =\u0338",
    ],
)
def test_ordinary_text_in_any_script_is_unchanged(text):
    assert shown(text) == text


@given(ANY)
def test_whatever_the_text_what_is_shown_is_safe(text):
    seen = shown(text)
    assert not {unicodedata.category(c) for c in seen} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert shown(seen) == seen
    seen.encode()


@given(ANY)
def test_a_problem_shows_nothing_as_it_is(text):
    problem = Problem(text, text, text, text, text, 3, 1 + len(text) // 2, text)
    assert all(shown(line) == line for line in str(problem).split("\n"))
    assert len(str(problem).split("\n")) == (6 if text else 1)


def test_the_sign_below_a_line_stands_below_its_column():
    line = "a\x1b \u202eb x"
    row, mark = str(Problem("wrong", line=1, column=line.index("x") + 1, text=line)).split("\n")[1:]
    assert row[mark.index("^")] == "x"


@given(st.text(), st.booleans())
@example("\x7f\u0301\U000e0041\udcff", False)
@example("\x7f", True)
def test_json_is_as_safe_and_reads_back(text, ascii):
    text_of_json = json_shown({text: [text]}, ascii=ascii)
    assert shown(text_of_json) == text_of_json
    assert json.loads(text_of_json) == {text: [text]}


@given(ANY.filter(bool))
@example("\x7f")
def test_a_quoted_name_is_safe_and_reads_back(name):
    try:
        machine = Machine(start=name, name="x")
    except ValueError:
        return  # a lone surrogate is no name
    assert shown(quoted(name)) == quoted(name)
    assert Machine.read(machine.write(), "tapehead") == machine


def test_a_machines_repr_is_safe():
    assert r"<Machine \x1b[31m\u202e: 1 states" in repr(Machine(start="a", name="\x1b[31m\u202e"))
