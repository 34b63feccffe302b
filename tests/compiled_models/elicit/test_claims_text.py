"""docs/claims.md says what was measured: its tables name tests and figures that exist, its numbers are the code's."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from compiled_models.elicit import bounds as bounds
from compiled_models.elicit.linear import HALF_MARGIN

ROOT = Path(__file__).parents[3]
CLAIMS = (ROOT / "docs" / "claims.md").read_text()
WORDS = " ".join(CLAIMS.split())
FIGURES = ROOT / "docs" / "figures"
VERDICTS = CLAIMS[CLAIMS.index("| claim |") : CLAIMS.index("\nThe symbols:")]


def test_the_page_begins_with_the_table_of_verdicts():
    assert CLAIMS.index("| claim |") < CLAIMS.index("\n## ")
    rows = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in VERDICTS.strip().splitlines()[2:]]
    assert len(rows) == 10
    assert all(len(row) == 6 and all(row) for row in rows)


def test_every_test_and_figure_in_it_exists():
    tests = "\n".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    names = re.findall(r"`(test_\w+)`", VERDICTS)
    assert len(names) >= 10
    assert [name for name in names if f"def {name}(" not in tests] == []
    pictures = re.findall(r"\]\((figures/\w+\.png)\)", CLAIMS)
    assert [name for name in pictures if not (ROOT / "docs" / name).exists()] == []


@pytest.mark.parametrize(
    ("sentence", "number"),
    [
        ("| paper's rate, constant 1 | {:,} |", bounds.paper_text_examples(12, 8, 0.1, 0.05)),
        ("| {:,} |", bounds.tight_text_rate(12, 8, 0.1, 0.05)),
        ("| bound with its constants | {:,} |", bounds.examples_for_all_contexts(12, 8, 0.1, 0.05)),
        ("The rate asks for {:,} examples", bounds.paper_bounded_examples(6, 4, 0.1, 0.05)),
        ("has TV {:.3f} or more", bounds.any_learner_tv(4096, 2492)),
        ("TV is {:.3f} or more there", bounds.any_learner_tv(4096, 2492)),
        ("({:,} for d = 8", bounds.examples_for_largest_margin(8, 0.1, 0.05)),
        ("where the rate says {:,};", bounds.paper_linear_examples(8, 0.1)),
        ("is sure of it with {:,}", bounds.consistent_learner_examples(8, 0.1, 0.05)),
        ("any learner errs {:.3f}", bounds.no_free_lunch_error(2000, 300)),
        ("= {:,}; and of a *core-set*", bounds.examples_for_verification(0.1, 0.05)),
        ("eps^2 = {:,} choices", bounds.core_set_draws(1, 0.1, 0.05)),
        ("V = 6, {:.3f} is all that is promised", bounds.retrieval_tv(6, 100, 0.05)),
    ],
)
def test_numbers_of_bounds(sentence, number):
    assert sentence.format(number) in WORDS


@pytest.mark.parametrize(
    ("figure", "fact", "digits", "sentence"),
    [
        ("half_space", "slope of log error over log n, one gradient step", 2, "a layer of linear attention) {}"),
        ("half_space", "slope of log error over log n, least squares", 2, "least squares {}"),
        ("half_space", "slope of log error over log n, perceptron", 2, "perceptron {}"),
        (
            "half_space",
            "slope of log error over log n, margin machine, half of the largest margin",
            2,
            "at half of the largest margin {}",
        ),
        ("half_space", "error after training on shuffled labels", 2, "shuffled the network errs {}"),
        ("fixed_context", "network B on e_1..e_64, 10 examples: error", 3, "any learner errs 0.427: {}"),
        (
            "fixed_context",
            "margin machine (half of the largest margin) on e_1..e_2000, 300 examples: error",
            3,
            "at half of the largest margin: {} over 30 data sets",
        ),
        ("text", "slope of log TV over log n, V = 2", 3, "slopes: {}"),
        ("text", "slope of log TV over log n, V = 8", 3, ", {}, "),
        ("text", "slope of log TV over log n, V = 32", 3, ", {} for V = 2, 8, 32"),
    ],
)
def test_measured_facts_are_the_figures(figure, fact, digits, sentence):
    text = (FIGURES / f"{figure}.csv").read_text()
    numbers = re.search(rf"^# {re.escape(fact)}: (\S+) \[(\S+), (\S+)\]$", text, re.MULTILINE)
    assert numbers
    mean, low, high = (f"{float(number):.{digits}f}" for number in numbers.groups())
    assert sentence.format(f"{mean} [{low}, {high}]") in WORDS


def test_measured_rows_are_the_figures():
    last = _rows("retrieval")[-1]
    for column, sentence in (("nearest: mean TV", "have a mean TV of {}"), ("random: mean TV", "100 at random {}")):
        mean, low, high = (f"{float(last[column + end]):.3f}" for end in ("", ", 95 % from", ", 95 % to"))
        assert sentence.format(f"{mean} [{low}, {high}]") in WORDS
    assert f"the bound is {float(last['bound, 1 - delta']):.3f}." in WORDS
    by_network = [int(row["half of the largest margin, runs by the network"]) for row in _rows("half_space")]
    assert f"so were {sum(by_network)} of the 125 runs to half of the margin, at least one of each size (" in WORDS
    assert min(by_network) >= 1


def test_the_table_of_tuning_is_the_figures():
    rows = _rows("tuning")
    ways = {row["way"]: row for row in rows if row["examples"] == "12000"}
    table = CLAIMS[CLAIMS.index("| 12,000 examples |") :]
    lines = table.splitlines()[2 : 2 + len(ways)]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    for row, measured in zip(cells, ways.values(), strict=True):
        assert row[1] == measured["updates"]
        for cell, column in zip(row[2:4], ("FLOPs to learn", "FLOPs an answer"), strict=True):
            assert float(cell) == pytest.approx(float(measured[column]), rel=0.02)
        assert row[4].replace(",", "") == measured["weights changed"]
        assert float(row[5]) == pytest.approx(float(measured["distance to prompted"]), rel=0.1, abs=1e-20)
    ratio = int(ways["prompt, token by token"]["FLOPs to learn"]) / int(ways["squared error"]["FLOPs to learn"])
    assert f"the prompt costs {ratio:.0f} times gradient descent" in WORDS


def test_network_b_lies_below_the_bound_that_is_not_proved_for_it():
    assert "stops at half of the largest margin" in CLAIMS
    assert all(float(row[HALF_MARGIN]) < float(row["d / (n + 1)"]) for row in _rows("half_space"))


def _rows(figure: str) -> list[dict[str, str]]:
    lines = (FIGURES / f"{figure}.csv").read_text().splitlines()
    return list(csv.DictReader(line for line in lines if not line.startswith("#")))
