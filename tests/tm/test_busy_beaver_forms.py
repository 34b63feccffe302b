"""Busy beavers as people paste them."""

from __future__ import annotations

import pytest

from tests.tm.reading import warned
from tm import Machine, MachineError
from tm.registry import detect, read

BB2 = "1RB1LB_1LA1RZ"


@pytest.mark.parametrize(
    "text",
    [
        BB2,
        "1RB1LB 1LA1RZ",
        "1RB1LB  1LA1RZ",
        "1RB1LB\n1LA1RZ\n",
        "1RB1LB\r\n\r\n1LA1RZ",
        "1RB 1LB  1LA 1RZ",
        "1RB 1LB  1LA 1R_",
        "1RB 1LB\n1LA 1R_\n",
        "1RB 1LB; 1LA 1RZ",
        "1RB,1LB;1LA,1RZ",
        "1RB 1LB | 1LA 1RZ",
        "1RB 1LB / 1LA 1RZ",
        "1RB\u00a01LB\n1LA\u00a01RZ",
        "1RB 1LB_1LA 1RZ",
        "1RB 1LB _ 1LA 1R_",
        "1RB,1LB_1LA,1RZ",
        "1RB 1LB, 1LA 1RZ",
        "1RB,1LB 1LA,1RZ",
        "1RB,1LB, 1LA,1RZ",
        # lines of lists, with what is known of the machine
        "1RB 1LB  1LA 1RZ | 1 Halt 4 6",
        "1RB 1LB  1LA 1RZ | None Halt 4 6 | Unknown 2.5",
        "1RB1LB_1LA1RZ Halt 6 4",
        "1RB1LB_1LA1RZ Halt ~10^30_855.0 ~10^15_427.4",
        "1RB1LB_1LA1RZ,halt,6",
        "6 4 1RB1LB_1LA1RZ",
        "17, 1RB1LB_1LA1RZ, halt",
        "- 1RB1LB_1LA1RZ (halts)",
        # remarks
        "1RB1LB_1LA1RZ # the champion",
        "1RB1LB_1LA1RZ ; the champion, see ...",
        "1RB1LB_1LA1RZ // 6 steps",
        "1RB 1LB  1LA 1RZ  # with 1RZ to halt",
        "1RB 1LB  1LA 1RZ  Halt",
        "# the champion\n\n1RB1LB_1LA1RZ",
        "; the champion\n1RB 1LB\n1LA 1RZ",
        "BB(2): 1RB1LB_1LA1RZ",
        "BB(2) 1RB1LB_1LA1RZ",
        "the champion = 1RB1LB_1LA1RZ",
        # addresses
        "https://bbchallenge.org/1RB1LB_1LA1RZ&s=10&w=300",
        "https://bbchallenge.org/1RB1LB_1LA1RZ?s=10",
        "https://bbchallenge.org/1RB1LB_1LA1RZ%26status%3Dhalt",
        "https://bbchallenge.org/1RB1LB_1LA1RZ%2526s%253D10",
        "http://www.bbchallenge.org/1RB1LB_1LA1RZ/",
        "bbchallenge.org/1RB1LB_1LA1RZ",
        "<https://bbchallenge.org/1RB1LB_1LA1RZ>",
        "see https://bbchallenge.org/1RB1LB_1LA1RZ.",
        "https://wiki.bbchallenge.org/wiki/1RB1LB_1LA1RZ",
        "https://wiki.bbchallenge.org/wiki/1RB1LB_1LA1RZ#Analysis",
        "https://wiki.bbchallenge.org/w/index.php?title=1RB1LB_1LA1RZ&action=edit",
        "https://wiki.bbchallenge.org/wiki/Some_page#2._1RB1LB_1LA1RZ_(bbch)",
        # from wikis and Markdown
        '"1RB1LB_1LA1RZ"',
        "`1RB1LB_1LA1RZ`",
        "{{machine|1RB1LB_1LA1RZ}}",
        "* {{TM|1RB1LB_1LA1RZ|halt}}",
        "[https://bbchallenge.org/1RB1LB_1LA1RZ 1RB1LB_1LA1RZ]",
        "[1RB1LB_1LA1RZ](https://bbchallenge.org/1RB1LB_1LA1RZ&s=10)",
        "* `1RB1LB_1LA1RZ` ([bbch](https://bbchallenge.org/1RB1LB_1LA1RZ))",
        "<code>1RB1LB_1LA1RZ</code>",
        "* <nowiki>1RB1LB_1LA1RZ</nowiki>, the champion",
        # tables
        "   0   1\nA 1RB 1LB\nB 1LA 1RZ",
        "\t0\t1\nA\t1RB\t1LB\nB\t1LA\t1RZ",
        "| | 0 | 1 |\n|---|:-:|--:|\n| A | 1RB | 1LB |\n| B | 1LA | 1RZ |",
        "A  1RB  1LB\n-----------\nB  1LA  1RZ",
        "+---+----+----+\n| - |  0 |  1 |\n+---+----+----+\n| A | 1RB | 1LB |\n| B | 1LA | 1RZ |\n+---+-----+-----+",
        "|   | 0 | 1 |\n|---|---|---|\n| A | 1RB | 1LB | to the right: A0 writes 1 |\n| B | 1LA | 1RZ | and back |",
        "| **1** | `1RB1LB_1LA1RZ` | **6** | Rado |",
        "{{machine|1RB1LB_1LA1RZ}}\n{{TM|1RB1LB_1LA1RZ|halt}} is the [[BB(2)]] champion.",
        "A: 1RB 1LB\nB: 1LA 1RZ",
        "A 1RB1LB\nB 1LA1RZ",
        "State A: 1RB, 1LB\nState B: 1LA, 1RZ",
        "   A   B\n0 1RB 1LA\n1 1LB 1RZ",
        "A0 A1 B0 B1\n1RB 1LB 1LA 1RZ",
    ],
)
def test_one_machine_in_every_form(text):
    machine, said = warned(text, "busy-beaver")
    assert said == []
    assert detect(text) == "busy-beaver"
    assert (machine, machine.name) == (read(BB2), BB2)


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("1RB ...  1LB 0LA", "1RB---_1LB0LA"),
        ("1RB … | 1LB 0LA", "1RB---_1LB0LA"),
        ("1RB...2LA_2LB2RA1RZ", "1RB---2LA_2LB2RA1RZ"),
        ("1RB ..._1LB 0LA", "1RB---_1LB0LA"),
        ("1RB---\n------", "1RB---_------"),
        ("1RB–––_1LA1RZ", "1RB---_1LA1RZ"),
        ("1RB0LC 1LC1RA ---1LB", "1RB0LC_1LC1RA_---1LB"),
        ("1RB---2LA 2LB2RA0RZ", "1RB---2LA_2LB2RA0RZ"),
        ("A0 A1 A2 B0 B1 B2\n1RB 2LB 1RZ 2LA 2RB 1LB", "1RB2LB1RZ_2LA2RB1LB"),
        ("  A   B\n0 1RB 2LA\n1 2LB 2RB\n2 1RZ 1LB", "1RB2LB1RZ_2LA2RB1LB"),
        ("bbchallenge.org/1RB%2D%2D%2D_1LA1RZ", "1RB---_1LA1RZ"),
        ("https://bbchallenge.org/mAQACAQEDAQADAQACAQAEAAEFAQEBAQEEAQAGAAEB&s=5", "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RF0LA"),
        ("mAQACAQEDAQADAQACAQAEAAEFAQEBAQEEAQAGAAEB", "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RF0LA"),
    ],
)
def test_other_machines(text, usual):
    assert detect(text) == "busy-beaver"
    assert Machine.read(text) == read(usual)


def test_a_line_that_says_something_else_is_passed_over_with_a_warning():
    machine, said = warned("The champion\n1RB1LB_1LA1RZ\nIt takes 6 steps", "busy-beaver")
    assert machine == read(BB2)
    assert said == [f"{n} this line is passed over: it says nothing of the machine" for n in (1, 3)]


@pytest.mark.parametrize(
    "text", ["https://bbchallenge.org/hello", "https://bbchallenge.org/7", "mAQAC!", "1RB is a rule", "... or ---"]
)
def test_what_only_looks_like_a_machine(text):
    with pytest.raises(MachineError, match=r"no notation that is known|no such file"):
        Machine.read(text)
