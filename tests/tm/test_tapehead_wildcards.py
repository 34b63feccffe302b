"""`*` in the library's own notation: every state or symbol that no other rule names."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from tests.tm.reading import problems, rules
from tm.registry import read


def test_a_star_is_every_symbol_that_no_other_rule_names():
    assert rules(read("a 0 -> b 1 R\na * -> a 0 L", "tapehead")) == {"a 0 -> b 1 R", "a 1 -> a 0 L", "a _ -> a 0 L"}


def test_a_star_is_every_state_that_no_other_rule_names_and_that_may_have_rules():
    text = "start: a\naccept: y\nreject: n\nstates: spare b\na 0 -> b 0 R\n* 0 -> y 0 S"
    assert rules(read(text, "tapehead")) == {"a 0 -> b 0 R", "b 0 -> y 0 S", "spare 0 -> y 0 S"}


def test_a_star_is_declared_symbols_too():
    assert rules(read("symbols: 7\na * -> a 7 L", "tapehead")) == {"a _ -> a 7 L", "a 7 -> a 7 L"}


def test_stars_on_some_tapes():
    text = "tapes: 2\nsymbols: 0\na 0,* -> a 0,0 R,R\na *,* -> b 0,0 L,L"
    assert rules(read(text, "tapehead")) == {
        "a 0,_ -> a 0,0 R,R",
        "a 0,0 -> a 0,0 R,R",
        "a _,_ -> b 0,0 L,L",
        "a _,0 -> b 0,0 L,L",
    }


def test_a_rule_gives_way_to_one_that_names_more():
    text = "start: a\nstates: a b z\nsymbols: 0 1\n* * -> z _ S\na * -> a 0 R\na 0 -> a 1 R\n"
    machine = read(text)
    assert {str(machine.rules_for(q, (s,))[0]) for q, s in product("ab", "_01")} == {
        "a _ -> a 0 R",
        "a 0 -> a 1 R",
        "a 1 -> a 0 R",
        "b _ -> z _ S",
        "b 0 -> z _ S",
        "b 1 -> z _ S",
    }


def test_two_rules_that_name_different_things_contradict_each_other_where_they_meet():
    text = "start: a\na * -> a 0 R\n* 0 -> b 0 L"
    assert problems(text, "tapehead") == ["3:1 two different rules for one situation"]
    assert read(text + "\na 0 -> c 0 S").rules_for("a", ("0",))[0].next_state == "c"


def test_a_star_with_weights():
    assert rules(read("a * -> b _ R x 1\na * -> a _ L x 2", "tapehead")) == {"a _ -> b _ R x 1", "a _ -> a _ L x 2"}


def test_a_quoted_star_is_a_symbol():
    assert rules(read('a "*" -> b "*" R', "tapehead")) == {'a "*" -> b "*" R'}


@given(st.data())
def test_stars_against_the_sentence_that_defines_them(data):
    """For one tape: `*` expands to all states or symbols, save those that another rule names outright."""
    states, symbols = ["p", "q"], ["_", "0"]
    lefts = data.draw(st.lists(st.tuples(st.sampled_from("pq*"), st.sampled_from("_0*")), min_size=1, unique=True))
    ends = [f"end{i}" for i in range(len(lefts))]
    text = f"start: p\nstates: p q {' '.join(ends)}\nsymbols: 0\n"
    text += "\n".join(f"{q} {s} -> end{i} 0 R" for i, (q, s) in enumerate(lefts))
    expected: dict[tuple[str, str], set[str]] = {}
    for q, s in product(states + ends, symbols):
        matching = [left for left in lefts if left[0] in (q, "*") and left[1] in (s, "*")]
        kept = [left for left in matching if not any(_names_more(other, left) for other in matching)]
        expected[q, s] = {f"end{lefts.index(left)}" for left in kept}
    if any(len(targets) > 1 for targets in expected.values()):
        assert {problem.split(" ", 1)[1] for problem in problems(text, "tapehead")} == {
            "two different rules for one situation"
        }
    else:
        machine = read(text)
        for (q, s), targets in expected.items():
            assert {rule.next_state for rule in machine.rules_for(q, (s,))} == targets


def _names_more(left, other) -> bool:
    return left != other and all(b in ("*", a) for a, b in zip(left, other, strict=True))
