"""docs/proof.md says what the certificate checks: the same lemmas, formulas and budgets."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path

import pytest
import torch

from construction import base_network, compile_machine
from construction.certificate import Certificate, certified_budget, certify
from tm import library

ROOT = Path(__file__).parents[3]
PROOF = (ROOT / "docs" / "proof.md").read_text()
GIVEN = ("n", "P", "k", "a", "r", "N", "eta")  # in a table, in words
NETWORKS = {
    "float64": lambda: base_network(8, 4),
    "float32": lambda: base_network(8, 4, dtype=torch.float32),
    "three tapes": lambda: base_network(6, 4, 3, code="factored"),
    "tuned": lambda: compile_machine(library.load("bb5"), dtype=torch.float32),
}


@pytest.fixture(params=NETWORKS)
def network(request):
    return NETWORKS[request.param]()


@pytest.fixture(params=["dense", "streaming"])
def certificate(network, request) -> Certificate:
    return certify(network, decoder=request.param, tokens=2_000, radius=1_500)


def test_every_lemma_has_its_section_with_its_number_name_and_inequality():
    certificate = certify(base_network(8, 4), decoder="kernels")
    headings = re.findall(r"^### Lemma (\d+): (.+)\n\n    (.+)\n\n", PROOF, re.MULTILINE)
    assert headings == [(str(lemma.number), lemma.name, lemma.inequality) for lemma in certificate.lemmas]
    assert [lemma.number for lemma in certificate.lemmas] == list(range(1, len(headings) + 1))
    assert PROOF.count("### Lemma ") == len(headings)
    assert [lemma.number for lemma in certify(base_network(8, 4)).lemmas] == list(range(1, 14))


def test_every_symbol_is_defined_before_the_lemmas(certificate):
    above = PROOF[: PROOF.index("### Lemma 1")]
    if certificate.decoder == "dense":
        above = above[: above.index("Of the **merging** decoders")]
    lines = [re.sub(r"   +\(.*\)$", "", line) for line in above.splitlines()]  # "u = 1 / N   (float64)"
    for definition in certificate.definitions:
        if definition.symbol in GIVEN:
            assert re.search(rf"^\| ([\w, ]+, )?{definition.symbol}(, [\w, ]+)? \| ", above, re.MULTILINE)
        else:
            assert f"    {definition.symbol} = {definition.formula}" in lines


def test_nothing_is_left_out_of_the_text():
    assert "..." not in PROOF
    assert "…" not in PROOF


def test_what_is_written_is_what_is_checked(certificate):
    """Every formula and inequality, read as arithmetic, gives the number that the code compares."""
    known = {name: getattr(certificate.frame.constants, name) for name in ("beta", "M", "L", "K", "g")}
    for definition in certificate.definitions:
        if definition.symbol not in (*GIVEN, "s"):
            assert _value(definition.formula, known) == pytest.approx(float(definition.value), rel=1e-9)
        known[definition.symbol] = definition.value
    for lemma in certificate.lemmas[2:]:
        left, right = re.split(r" <=? ", lemma.inequality)
        assert _value(left, known) == pytest.approx(float(lemma.left), rel=1e-9)
        assert _value(right, known) == pytest.approx(float(lemma.right), rel=1e-9)
        assert ("<=" in lemma.inequality) == (not lemma.strict)


def test_reading_of_formulas():
    known = {"n": Fraction(3), "u": Fraction(1, 2), "K": Fraction(4), "v": Fraction(5)}
    assert _value("1 / 2K", known) == 1 / 8
    assert _value("n u (v^2 - 1) / 2v", known) == pytest.approx(3.6)
    assert _value("K 1e-12 + min(n, 2) u", known) == pytest.approx(1 + 4e-12)
    assert _value("S(n - 1, v)", known | {"u": Fraction(1, 4)}) == 5


def _value(formula: str, known: dict[str, Fraction]) -> float:
    """A formula as people write it: a space multiplies, and 2v binds as (2 v)."""
    text = re.sub(r"(?<![\w.])(\d+)([A-Za-z]\w*)(?!\w)", r"(\1*\2)", re.sub(r"\b1e-12\b", "TINY", formula))
    text = re.sub(r"(?<=[\w)]) (?=[\w(])", "*", text).replace("^", "**")

    def lost(m: Fraction, b: Fraction) -> Fraction:
        return m * known["u"] * b / (1 - m * known["u"])

    names = {"S": lost, "min": min, "max": max, "exp": _exp, "TINY": Fraction(1, 10**12)}
    return float(eval(re.sub(r"(?<![\w.])(\d+(?:\.\d+)?)", r"F('\1')", text), {"F": Fraction, **names, **known}))


def _exp(x: Fraction) -> Fraction:
    return Fraction(float(torch.exp(torch.tensor(float(x), dtype=torch.float64))))


BUDGETS = [
    (torch.float64, "dense"),
    (torch.float64, "streaming"),
    (torch.float32, "dense"),
    (torch.float32, "streaming"),
    (torch.bfloat16, "dense"),
]


@pytest.mark.parametrize(("dtype", "decoder"), BUDGETS)
def test_the_tables_of_budgets(dtype, decoder):
    network, name = base_network(8, 4, dtype=dtype), str(dtype).removeprefix("torch.")
    budget, usual = certified_budget(network, decoder), certified_budget(base_network(16, 8, 2, dtype=dtype), decoder)
    assert usual == budget if name != "bfloat16" else not usual.tokens
    decoders = "dense" if decoder == "dense" else "streaming, kernels"
    near = certify(network, radius=1_000).most_tokens if (name, decoder) == ("float32", "dense") else 0
    ends = f"{budget.beyond_tokens}; {budget.beyond_radius}"
    note = f" ({near:,} tokens at radius 1,000)" if near else ""
    assert f"| {name} | {decoders} | {budget.tokens:,} and {budget.radius:,}{note} | {ends} |" in PROOF
