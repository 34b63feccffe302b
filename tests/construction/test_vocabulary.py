"""The read-out over factored tokens against a plain enumeration of all tokens."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from construction import Vocabulary, machine_vocabulary

SMALL = Vocabulary({"A": {"x": "abc", "y": "de"}, "B": {"z": "fg"}, "C": {}})
ROWS = st.lists(st.integers(-8, 8).map(lambda n: n / 4), min_size=SMALL.rows, max_size=SMALL.rows).map(np.array)


def every_token(vocabulary: Vocabulary):
    for kind in vocabulary.kinds.values():
        for values in product(*(range(len(field.labels)) for field in kind.fields)):
            yield vocabulary.token(kind.name, *values)


def scores(logits: np.ndarray) -> dict[tuple[int, ...], float]:
    return {token: float(sum(logits[row] for row in token if row)) for token in every_token(SMALL)}


@given(ROWS)
def test_best_is_the_first_of_the_likeliest(logits):
    table = scores(logits)
    best = SMALL.best(logits)
    assert table[best] == max(table.values())
    assert best == next(token for token in table if table[token] == max(table.values()))


@given(ROWS)
def test_positive_is_relu_of_every_token(logits):
    assert SMALL.positive(logits) == [(token, score) for token, score in scores(logits).items() if score > 0]


@given(ROWS)
def test_margin_is_the_lead_over_the_second(logits):
    first, second = sorted(scores(logits).values(), reverse=True)[:2]
    assert SMALL.margin(logits) == first - second


@pytest.mark.parametrize("code", ["joint", "factored"])
def test_every_token_parses_to_what_made_it(code):
    vocabulary = machine_vocabulary(2, 2, 2 if code == "factored" else 1, code)
    tokens = list(every_token(vocabulary))
    assert len(set(tokens)) == len(tokens) == vocabulary.size()
    for token in tokens:
        kind, values = vocabulary.parse(token)
        assert vocabulary.token(kind, *values) == token


@pytest.mark.parametrize("rows", [(0, 0, 0), (99, 0, 0), (1, 2, 2), (1, 2, 0), (9, 2, 0)])
def test_rows_that_make_no_token_are_refused(rows):
    with pytest.raises((ValueError, IndexError)):
        SMALL.parse(rows)


def test_bad_fields_are_refused():
    with pytest.raises(ValueError, match="A has 2 fields, got 1"):
        SMALL.token("A", 1)
    with pytest.raises(IndexError, match="x has 3 labels"):
        SMALL.token("A", 3, 0)
