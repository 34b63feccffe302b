"""What results, machines, networks and certificates show of themselves in a notebook: all of it, as text, at once."""

from __future__ import annotations

import copy
import re
import time
from html.parser import HTMLParser

import pytest

from compiled_models import run
from compiled_models.view.run_card import ALL, FIRST, LAST
from construction import base_network, compile_machine
from construction.certificate import certify
from construction.fingerprint import fingerprint
from tests.machines import TABLE
from tm import Machine, Rule, library, simulate
from tm.html import COLOURS, code, element
from tm.state_picture import MOST_STATES

NETWORK, LARGE = base_network(16, 8, 2), base_network(16, 8, 3)
NASTY = "<script>alert('x')</script>&amp;\"\x1b[31m\u202e"
VOID = {"br", "img", "hr", "input", "meta", "link"}


class Page(HTMLParser):
    """A piece of HTML: its elements, its attributes, its text; refused unless every element is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text = ""
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        assert tag not in VOID
        self.open.append(tag)
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def _fits(machine: Machine) -> bool:
    """Whether the network of the tests can run it."""
    return not machine.stochastic and len(machine.states) <= 16


def page_of(thing) -> Page:
    page = Page(thing._repr_html_())
    assert not {"script", "style", "link", "iframe", "img"} & set(page.tags)
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert not [value for _, value in page.attributes if "url(" in value or "http" in value]
    return page


def nasty_machine() -> Machine:
    rules = [Rule(NASTY, (symbol,), "</svg>", (NASTY,), ("R",)) for symbol in (NASTY, "_")]
    return Machine(name=NASTY, rules=rules, accept=["</svg>"], reject=["a&b"], states=["a&b"])


def test_foreign_text_is_text_wherever_it_stands():
    machine = nasty_machine()
    network = compile_machine(machine)
    result = run(network, machine, [NASTY])
    for thing in (machine, result, network, certify(network)):
        page = page_of(thing)
        assert "\x1b" not in page.text
        assert "\u202e" not in page.text
    assert "<script>alert('x')" in page_of(machine).text
    assert "<script>alert('x')" in page_of(result).text
    assert "</svg>" in page_of(machine).text


@pytest.mark.parametrize("text", ["<b>", "&lt;", '"', "'", "a\nb", "\x00", "</code><img src=x onerror=alert(1)>"])
def test_an_element_takes_text_for_text_in_its_content_and_in_its_attributes(text):
    page = Page(element("p", text, code(text, "read"), title=text))
    assert page.tags == ["p", "code"]
    assert [name for name, _ in page.attributes] == ["title", "style"]
    assert page.text == 2 * text.replace("\n", r"\n").replace("\x00", r"\x00")


@pytest.mark.parametrize("colour", COLOURS.values())
@pytest.mark.parametrize("paper", ["#ffffff", "#111111", "#1e1e1e"])
def test_colours_are_told_from_white_and_from_black(colour, paper):
    def luminance(text):
        parts = [channel / 255 for channel in bytes.fromhex(text[1:])]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(colour), luminance(paper)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 3  # WCAG 2.2, 1.4.11: graphical objects


def test_the_ink_is_the_notebooks_own():
    for thing in (library.load("increment"), NETWORK, run(NETWORK, library.load("increment"), "11")):
        colours = set(re.findall(r"(?<![-\w])(?:color|fill|stroke)[:=]\"?([^;\"]+)", thing._repr_html_()))
        assert colours <= {"currentColor", "inherit", "none", f"{COLOURS['made']}33"}


@pytest.mark.parametrize("name", library.names())
def test_a_machine_shows_every_state_and_every_rule(name):
    machine = library.load(name)
    page = page_of(machine)
    assert page.tags.count("svg") == 1
    circles = len(machine.states) + len(machine.accept)
    assert page.tags.count("circle") == circles
    assert page.tags.count("tr") >= len(machine.rules)
    assert all(state in page.text for state in machine.states)


def test_a_large_machine_shows_its_first_rules():
    text = "\n".join(f"q{n} 0 -> q{n + 1} 1 R" for n in range(1_000))
    started = time.perf_counter()
    page = page_of(Machine.read(text))
    assert time.perf_counter() - started < 1
    assert "svg" not in page.tags
    assert f"at most {MOST_STATES} states" in page.text
    assert "… 900 more rules" in page.text


@pytest.mark.parametrize("case", [case for case in TABLE if case.name.endswith("-1") and _fits(case.machine)], ids=str)
def test_a_result_shows_tapes_and_steps(case):
    result = run(LARGE, case.machine, case.input, head=case.head, max_steps=40, decoder="streaming")
    page = page_of(result)
    assert page.text.startswith(result.verdict)
    tokens = result.steps + result.halted
    if tokens > ALL:
        assert f"{tokens - FIRST - LAST:,} tokens not shown" in page.text
        assert "of the first steps" in page.text
    else:
        assert "not shown" not in page.text
        assert all(step.text in page.text for step in result.trace())
    assert "attention at step" in page.text


@pytest.mark.parametrize(
    ("name", "text", "steps"), [("multiply", "11x111", 1_000), ("bb4", "", 1_000), ("bb5", "", 90)]
)
@pytest.mark.parametrize("decoder", ["dense", "streaming", "kernels"])
def test_the_last_steps_are_those_of_the_run(name, text, steps, decoder):
    machine = library.load(name)
    result = run(NETWORK, machine, text, max_steps=steps, decoder=decoder)
    rows = re.findall(r"<tr>.*?</tr>", result._repr_html_())
    last = [Page(row).text for row in rows][-LAST:]
    expected = list(simulate(machine, text, max_steps=steps))
    states = [configuration for configuration in expected if configuration.step >= result.steps - LAST]
    before = states[-LAST:] if result.halted else states[-LAST - 1 : -1]
    assert len(last) == LAST
    for row, configuration in zip(last, before, strict=True):
        assert row.startswith(f"{configuration.step + 1:,}")
        assert f"[{configuration.symbols[0]}]" in row
        assert (
            f"{configuration.state}/" in row
            or f"{configuration.state}{configuration.symbols[0]}>" in row
            or ("<stop>" in row and configuration is states[-1])
        )


def test_a_long_run_opens_at_once():
    result = run(NETWORK, library.load("bb5"), max_steps=10_000, decoder="kernels")
    started = time.perf_counter()
    text = result._repr_html_()
    assert time.perf_counter() - started < 2
    assert len(text) < 100_000
    assert "9,982 tokens not shown" in text
    assert ">9,995<" in text
    assert ">10,000<" in text


def test_a_long_prompt_is_not_run_again():
    machine = library.load("increment")
    result = run(NETWORK, machine, "1" * 2_000, decoder="streaming", max_steps=5)
    page = page_of(result)
    assert "The prompt has 2,008 tokens" in page.text
    assert ">5<" in result._repr_html_()


def test_a_network_that_can_no_longer_be_run_says_so():
    network = copy.deepcopy(NETWORK)
    result = run(network, library.load("increment"), "1011")
    network.unembed.W_U.data[:] = float("nan")
    page = page_of(result)
    assert page.text.startswith(result.verdict)
    assert "cannot be run again" in page.text


def test_what_attention_is_shown_is_what_was_attended_to():
    result = run(NETWORK, library.load("increment"), "1011")
    page = page_of(result)
    step = list(result.trace())[8]
    assert [round(token.weight, 3) for token in step.read[0]] == [0.333] * 3
    assert page.text.count("READ 0.333") == 3
    assert page.text.count("DECIDE 1") == 1
    assert "<bos>DECIDE 1" in page.text


def test_a_network_shows_its_blocks_and_its_hash():
    page = page_of(NETWORK)
    assert fingerprint(NETWORK).sha256 in page.text
    assert "751 of 140,994 are not zero, float64" in page.text
    for i, name in enumerate(("LOCATE", "ADDRESS", "READ", "DECIDE")):
        shape = NETWORK.shape.blocks[i]
        nonzero = sum(int(weight.count_nonzero()) for weight in NETWORK.blocks[i].parameters())
        assert f"blocks.{i}{name}{shape.heads}{shape.d_head}{shape.d_mlp}{nonzero}" in page.text


def test_a_certificate_shows_its_verdict_its_budgets_and_its_lemmas():
    whole, broken = certify(NETWORK), copy.deepcopy(NETWORK)
    page = page_of(whole)
    assert page.text.startswith("certified")
    assert f"{whole.largest.tokens:,} tokens" in page.text
    assert all(lemma.name in page.text and lemma.numbers in page.text for lemma in whole.lemmas)
    assert "FAILS" not in page.text
    assert page_of(certify(NETWORK, tokens=10**9)).text.startswith("not certified, for want of: position, ")
    broken.get_parameter("blocks.2.attn.W_Q").data[0, 3, 0] = 5
    page = page_of(certify(broken))
    assert page.text.startswith("not certified, for want of: frame")
    assert "blocks.2.attn.W_Q step -> READ 1 query [cell] is 5" in page.text
