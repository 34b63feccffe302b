"""The page: the same tokens and the same hash as in Python, in a browser, whatever is done to it."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from compiled_models.cli.capacity import Capacity
from compiled_models.decoding import DenseDecoder
from compiled_models.decoding.dense import logits_after
from compiled_models.view.page import page as html
from compiled_models.view.page.description import request
from construction import Codec
from construction.fingerprint import fingerprint
from construction.transformer import KeyValueCache
from tests.compiled_models.view.browser import opened
from tests.emulation import run_of
from tests.machines import TABLE, Case
from tm import Machine, Start, library
from tm.state_layout import placed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

INCREMENT = Start.of(library.load("increment"), "1011")
GENERATED = (
    "tapehead.state.run.tokens.slice(tapehead.state.run.prompt.length).map((t) => tapehead.state.run.codec.text(t))"
)


def written(folder: Path, start: Start, **options) -> Path:
    """The page of a start, in a file."""
    file = folder / "page.html"
    file.write_text(html(Capacity().base(start.machine), start, **options), encoding="utf-8")
    return file


def expected(case: Case, network) -> list[str]:
    """The tokens of a run as Python has them."""
    codec = Codec(network.config, Start.of(case.machine, case.input, case.head).machine)
    return [codec.text(token) for token in run_of(codec, case)]


# -- what it is ------------------------------------------------------------------------------------------------------


def test_it_opens_from_a_file_and_asks_for_nothing(page: Page, tmp_path):
    heard = opened(page, written(tmp_path, INCREMENT))
    assert heard == []
    assert page.inner_text("#machine-name") == "increment"
    assert page.evaluate(GENERATED)[-1] == "<stop>"
    assert page.inner_text("#hash") == fingerprint(Capacity().base(INCREMENT.machine)).sha256


def test_the_library_generates_the_tokens_of_python(page: Page, tmp_path):
    network = Capacity().base()
    opened(page, written(tmp_path, INCREMENT))
    compared = 0
    for case in TABLE:
        start = Start.of(case.machine, case.input, case.head)
        sizes = len(start.machine.states) <= 16, len(start.machine.symbols) <= 8, start.machine.tapes <= 2
        if case.machine.stochastic or not all(sizes):
            continue
        asked = {"text": start.machine.write(), "input": list(map(list, start.input)), "heads": list(start.head)}
        assert page.evaluate("(asked) => tapehead.edit(asked)", asked | {"steps": 500}), case
        page.wait_for_function("() => tapehead.state.run.stopped || tapehead.state.run.steps >= 500")
        assert page.evaluate(GENERATED)[:500] == expected(case, network)[:500], case
        compared += 1
    assert compared > 60


def test_a_stochastic_machine_has_its_distribution_and_draws_by_it(page: Page, tmp_path):
    start = Start.of(library.load("coin_flips"), "???")
    opened(page, written(tmp_path, start, seed=3))
    network = Capacity().base(start.machine)
    codec = Codec(network.config, start.machine)
    logits = np.concatenate(list(logits_after(network, codec.prompt("???").tokens, KeyValueCache())))[-1]
    probabilities = [share for _, share in codec.vocabulary.positive(logits) if share > 1e-9]
    shares = page.evaluate("tapehead.vocabulary.positive(tapehead.state.run.look(0).logits).map((t) => t.probability)")
    assert [share for share in shares if share > 1e-9] == pytest.approx(probabilities, abs=1e-12)
    tokens = page.evaluate(GENERATED)
    assert (len(tokens), tokens[-1]) == (5, "<stop>")
    assert page.evaluate("tapehead.state.run.verdict()") == "accepted"


def test_logits_and_attention_are_those_of_python(page: Page, tmp_path):
    opened(page, written(tmp_path, INCREMENT))
    network = Capacity().base(INCREMENT.machine)
    codec = Codec(network.config, INCREMENT.machine)
    prompt = codec.prompt(INCREMENT.input)
    steps = np.concatenate(list(DenseDecoder(network, codec.vocabulary, prompt).generate(6)))
    patterns = []
    hook = network.get_submodule("blocks.2.attn.hook_pattern").register_forward_hook(
        lambda _m, _i, pattern: patterns.append(pattern)
    )
    logits = np.concatenate(
        list(logits_after(network, np.concatenate([prompt.tokens, steps]), KeyValueCache(), last_only=True))
    )[-1]
    hook.remove()
    assert np.allclose(page.evaluate("Array.from(tapehead.state.run.look(6).logits)"), logits, rtol=0, atol=1e-9)
    weights = page.evaluate(
        "(() => { const { stages, t } = tapehead.state.run.look(6);"
        "return stages[3].heads.map((head) => Array.from({ length: t }, (_, i) => head.weightOf(i))); })()"
    )
    assert np.allclose(weights, patterns[-1][0, :, -1].numpy(), rtol=0, atol=1e-9)


# -- what is done to it ----------------------------------------------------------------------------------------------


def test_stepping_jumping_and_playing(page: Page, tmp_path):
    opened(page, written(tmp_path, INCREMENT))
    step = "tapehead.state.step"
    for press, where in [("#forward", 1), ("#forward", 2), ("#back", 1), ("#last", 8), ("#first", 0)]:
        page.click(press)
        assert page.evaluate(step) == where
    for key, where in [("ArrowRight", 1), ("ArrowRight", 2), ("ArrowLeft", 1), ("End", 8), ("Home", 0)]:
        page.keyboard.press(key)
        assert page.evaluate(step) == where
    page.fill("#jump", "6")
    page.keyboard.press("Enter")
    assert page.evaluate(step) == 6
    assert page.get_attribute(".cell.under", "class") == "cell symbol-2 under"
    assert "carry/1>0/L/carry" in page.inner_text("#status")
    assert page.inner_text(".card.locate strong >> nth=1") == "2"
    page.click("#first")
    page.fill("#speed", "6")
    page.click("#play")
    page.wait_for_function("() => tapehead.state.step === 8 && tapehead.state.playing === null")
    assert "accepted after 8 steps" in page.inner_text("#status")


def test_another_machine_runs_on_the_same_weights(page: Page, tmp_path):
    heard = opened(page, written(tmp_path, INCREMENT))
    before = page.inner_text("#hash")
    page.fill("#machine-text", "machine: flip\naccept: done\ngo 0 -> go 1 R\ngo 1 -> go 0 R\ngo * -> done _ S\n")
    page.fill("#machine-input", "1001")
    page.click("#run")
    page.wait_for_function("() => tapehead.state.run.stopped")
    assert page.inner_text("#machine-name") == "flip"
    assert page.evaluate(GENERATED)[0] == "go/1>0/R/go"
    assert "accepted" in page.evaluate("tapehead.state.run.verdict()")
    assert page.inner_text("#hash") == before
    page.select_option("#library", "two_tape_add")
    page.wait_for_function("() => tapehead.state.run.machine.name === 'two_tape_add' && tapehead.state.run.stopped")
    assert page.locator(".tape").count() == 2
    assert heard == []


WRONG = {
    "go 0 go 1 R": "line 1: no rule and no header",
    "go 0 -> go 1 X": "line 1: no such move",
    "go 0 -> go 1 R\ngo 0 -> go 0 L": "line 2: a second rule",
    'go "0 -> go 1 R': "line 1: a name in quotes has no end",
    "accept: a\na 0 -> a 1 R": "line 2: a machine halts in a",
    "tapes: 3\na 0,0,0 -> a 1,1,1 R,R,R": "does not fit this network",
    "": "a machine needs a start state",
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: text[:12])
def test_what_is_no_machine_is_told_and_nothing_is_lost(page: Page, tmp_path, text: str):
    opened(page, written(tmp_path, INCREMENT))
    page.fill("#machine-text", text)
    page.click("#run")
    assert WRONG[text] in page.inner_text("#errors")
    assert page.inner_text("#machine-name") == "increment"


def test_a_broken_weight_is_seen_at_the_first_wrong_token(page: Page, tmp_path):
    opened(page, written(tmp_path, INCREMENT))
    before = page.inner_text("#hash")
    places = page.evaluate("tapehead.page.entries.map((e) => `${e.tensor} ${e.source} ${e.target}`)")
    page.select_option("#weight", str(next(i for i, text in enumerate(places) if text == "embed.W_E STEP one")))
    assert page.inner_text("#because") == "Every token carries a 1: the network has no biases."
    page.fill("#value", "0")
    page.click("#break")
    page.wait_for_selector("#broken:not([hidden])")
    message = page.inner_text("#broken")
    assert re.search(r"first wrong token is number \d+: \S+, expected right/\S+", message)
    assert page.inner_text("#hash") != before
    page.click("#mend")
    page.wait_for_function("() => tapehead.state.run.stopped")
    assert page.inner_text("#hash") == before
    assert page.evaluate("tapehead.state.run.verdict()") == "accepted"


def test_weights_beyond_all_numbers_are_told_in_a_line(page: Page, tmp_path):
    heard = opened(page, written(tmp_path, INCREMENT))
    places = page.evaluate("tapehead.page.entries.map((e) => `${e.tensor} ${e.source} ${e.target}`)")
    said = set()
    for place in ("embed.W_pos t t", "unembed.W_U stop STOP", "embed.W_E STEP one"):
        for value in ("1e308", "-1e308"):
            page.select_option("#weight", str(places.index(place)))
            page.fill("#value", value)
            page.click("#break")
            page.wait_for_function("() => tapehead.state.run.over(tapehead.state.limit)")
            assert re.search(r"is −?1\.000e308 instead of", page.inner_text("#broken"))
            page.evaluate("tapehead.go(tapehead.state.run.steps)")
            said.add(page.inner_text("#status").partition(" generates ")[2])
    assert "<bos>: no step, and no end of a run, after 1 step." in said
    assert heard == []


def test_logits_that_are_no_numbers_end_the_run(page: Page, tmp_path):
    heard = opened(page, written(tmp_path, INCREMENT))
    page.evaluate("tapehead.vocabulary.best = () => null")  # what it says of logits none of which is a number
    page.click("#break")
    page.wait_for_selector("#broken:not([hidden])")
    assert "token is number 1: none, since the logits are no numbers" in page.inner_text("#broken")
    assert "no token is generated" in page.inner_text("#status")
    assert heard == []


def test_states_stand_where_python_puts_them(page: Page, tmp_path):
    """The layout in JavaScript and that of the notebooks' state pictures, on every machine of the library."""
    opened(page, written(tmp_path, INCREMENT))
    for name in library.names():
        machine = library.load(name)
        arrows = list(dict.fromkeys((rule.state, rule.next_state) for rule in machine.rules))
        asked = [list(machine.states), [list(pair) for pair in arrows]]
        there = page.evaluate("([names, arrows]) => $layout.layout(names, arrows)", asked)
        assert np.allclose(there, list(placed(machine.states, arrows).values()), rtol=0, atol=1e-6), name


@pytest.mark.parametrize(("seed", "kept"), [(None, 1), (0, 0), (7, 7)])
def test_every_seed_is_the_one_that_is_asked_for(seed: int | None, kept: int):
    assert request(Start.of(library.load("coin_flips"), "?"), seed)["seed"] == kept


# -- text that is not ours -------------------------------------------------------------------------------------------

HOSTILE = [
    '<img src=x onerror="tapehead.owned=1">',
    "</script><script>window.owned=1</script>",
    "{{ 7 * 7 }}",
    "\u202eevil",
    "a\x1b[31mb",
    '"quoted"',
    "&lt;b&gt;",
    "é\nü",
    "a\u3164 b",
    "\U000e0101\U0001f600",
]


def test_names_are_text_and_never_run(page: Page, tmp_path):
    rules = "".join(
        f"{json.dumps(name)} {json.dumps(name)} -> {json.dumps(after)} {json.dumps(after)} R\n"
        for name, after in pairwise(HOSTILE)
    )
    machine = Machine.parse(f"machine: {json.dumps(HOSTILE[1])}\n{rules}")
    heard = opened(page, written(tmp_path, Start.of(machine, [HOSTILE[0], HOSTILE[1], HOSTILE[2]])))
    assert page.evaluate("window.owned ?? tapehead.owned ?? null") is None
    assert page.locator("main img, main b").count() == 0
    assert heard == []
    assert page.evaluate("tapehead.state.run.steps") == 3
    for forbidden in ("\u202e", "\x1b", "\u3164"):
        assert forbidden not in page.inner_text("body")
        spoken = page.evaluate("Array.from(document.querySelectorAll('[aria-label]'), (each) => each.ariaLabel)")
        assert forbidden not in "".join(spoken)
    codec = Codec(Capacity().base(machine).config, machine)
    assert page.evaluate("tapehead.state.run.prompt.map((t) => tapehead.state.run.codec.text(t))") == [
        codec.text(token) for token in codec.prompt([HOSTILE[0], HOSTILE[1], HOSTILE[2]]).tokens
    ]


def test_nothing_but_the_pages_own_script_may_run(page: Page, tmp_path):
    opened(page, written(tmp_path, INCREMENT))
    page.evaluate(
        "() => { const added = document.createElement('script');"
        "added.textContent = 'window.owned = 1'; document.body.append(added); }"
    )
    assert page.evaluate("window.owned ?? null") is None
    policy = page.get_attribute("meta[http-equiv]", "content") or ""
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


# -- sizes, people ---------------------------------------------------------------------------------------------------


def test_a_run_of_10_000_steps_is_a_small_page_and_scrubs(page: Page, tmp_path):
    file = written(tmp_path, Start.of(library.load("bb5")), steps=10_000)
    assert file.stat().st_size < 1_000_000
    opened(page, file)
    assert page.evaluate("tapehead.state.run.steps") == 10_000
    page.locator("#spacetime").scroll_into_view_if_needed()
    box = page.locator("#spacetime").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 20)
    page.mouse.down()
    assert abs(page.evaluate("tapehead.state.step") - 5_000) < 30
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + 20)
    page.mouse.up()
    assert abs(page.evaluate("tapehead.state.step") - 2_500) < 30
    page.click("#zoom-in")
    assert page.evaluate("tapehead.state.step") in range(2_470, 2_530)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 768, 1440])
def test_nothing_is_wider_than_the_screen_and_axe_finds_nothing_serious(chromium: Browser, tmp_path, scheme, width):
    context = chromium.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme, bypass_csp=True)
    opened_page = context.new_page()
    opened(opened_page, written(tmp_path, INCREMENT))
    opened_page.evaluate("tapehead.go(6)")
    assert opened_page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    violations = axe.Axe().run(opened_page).response["violations"]
    serious = [
        (each["id"], [node["html"] for node in each["nodes"]])
        for each in violations
        if each["impact"] in ("serious", "critical")
    ]
    assert not serious
    context.close()
