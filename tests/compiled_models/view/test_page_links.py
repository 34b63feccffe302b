"""The page opened by a link: what it carries, and what is somebody else's text in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from tests.compiled_models.view.browser import opened
from tests.compiled_models.view.test_page import GENERATED, INCREMENT, written
from tm import library

if TYPE_CHECKING:
    from playwright.sync_api import Page


def test_a_link_carries_machine_input_and_step(page: Page, tmp_path):
    file = written(tmp_path, INCREMENT)
    opened(page, file)
    page.select_option("#library", "sort_bits")
    page.wait_for_function("() => tapehead.state.run.machine.name === 'sort_bits' && tapehead.state.run.stopped")
    page.evaluate("tapehead.go(5)")
    page.click("#share")
    page.wait_for_function("() => location.hash.length > 1")
    other = page.context.new_page()
    heard = opened(other, file, page.evaluate("location.hash"))
    assert other.evaluate("[tapehead.state.run.machine.name, tapehead.state.step]") == ["sort_bits", 5]
    assert other.evaluate(GENERATED) == page.evaluate(GENERATED)
    assert heard == []


@pytest.mark.parametrize(
    "fragment", ["#", "#nonsense", "#%7B%22text%22%3A1%7D", "#" + quote(json.dumps({"text": "x", "input": ""}))]
)
def test_a_link_that_says_nothing_opens_the_page_as_it_is(page: Page, tmp_path, fragment: str):
    heard = opened(page, written(tmp_path, INCREMENT), fragment)
    assert page.inner_text("#machine-name") == "increment"
    assert heard == []


FLIP = "machine: flip\naccept: done\ngo 0 -> go 1 R\ngo 1 -> go 0 R\ngo * -> done _ S\n"
REFUSED: dict[str, dict[str, object]] = {
    "list of lists": {"input": [1]},
    "list of symbols": {"input": [["0", 5]]},
    "no JSON list": {"input": "[0"},
    "no symbol \\u202e": {"input": "\u202e"},
    "whole numbers, one for each": {"heads": ["x"]},
    "whole numbers": {"heads": [1.5]},
    "of the 1 tapes": {"heads": [0, 0]},
    "200,000,007 tokens long": {"heads": [200_000_000]},
    "300,000,006 tokens long": {"text": FLIP.replace("1 R", "1 R x 300000000").replace("0 R", "0 R x 1")},
    "at most 16": {"text": "tapes: 1000000000\nstart: a\n", "input": ""},
    "more than 20,000 rules": {"text": "".join(f"a * -> q{i} {i} R\nb{i} * -> a {i} L\n" for i in range(150))},
    "give a rule for each symbol": {"text": 'a "" -> a 1 R\n'},
}


@pytest.mark.parametrize("message", REFUSED)
def test_a_link_that_cannot_be_run_says_why(page: Page, tmp_path, message: str):
    asked: dict[str, object] = {"text": FLIP, "input": "10"} | REFUSED[message]
    heard = opened(page, written(tmp_path, INCREMENT), "#" + quote(json.dumps(asked)))
    assert message in page.inner_text("#errors")
    assert page.inner_text("#machine-name") == "increment"
    assert heard == []


@pytest.mark.parametrize(("asked", "there"), [(1_900, 1_900), (1.6, 2), (-3, 0), ("x", 0), (10**9, 2_000)])
def test_a_link_opens_at_its_step_however_late_that_is_generated(page: Page, tmp_path, asked: object, there: int):
    fragment = quote(json.dumps({"text": library.load("bb5").write(), "input": "", "step": asked}))
    heard = opened(page, written(tmp_path, INCREMENT, steps=2_000), "#" + fragment)
    assert page.evaluate("[tapehead.state.step, tapehead.state.run.steps]") == [there, 2_000]
    assert heard == []
