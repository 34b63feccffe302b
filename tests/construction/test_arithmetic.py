"""The arithmetic that the certificate assumes, held against the arithmetic that there is."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
import torch

from construction.certificate import Arithmetic
from construction.number_format import FORMATS

DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA"))]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", FORMATS.values())
def test_exp(dtype, device):
    x = torch.linspace(-200, 0, 20_001, dtype=torch.float64).to(dtype).to(device)
    assert torch.exp(torch.zeros(1_003, dtype=dtype, device=device)).eq(1).all()
    arithmetic = Arithmetic.of(dtype)
    for argument, value in zip(x[::53].tolist(), torch.exp(x)[::53].tolist(), strict=True):
        assert 0 <= value <= arithmetic.exp(-Fraction(argument))


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", FORMATS.values())
@pytest.mark.parametrize("length", [1, 2, 7, 64, 100, 1_023, 4_099])
def test_equal_scores_get_equal_weights(dtype, device, length):
    if length > 1 / float(Arithmetic.of(dtype).u):
        return
    scores = torch.full((3, length), 12.5, dtype=dtype, device=device)
    scores[1, 1::3] = -torch.inf
    scores[2, 1::2] = 12.5 - 128
    for row, pattern in zip(scores, scores.softmax(-1), strict=True):
        tied = pattern[row == row.max()].double().cpu()
        assert tied.unique().numel() == 1
        error = abs(Fraction(float(tied[0])) * len(tied) - 1)
        assert error <= Arithmetic.of(dtype).relative(2)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_sums_are_within_the_bound(dtype, device):
    generator, arithmetic = np.random.default_rng(0), Arithmetic.of(dtype)
    for length in (10, 1_000, 20_000):
        signs = torch.from_numpy(generator.choice([-1.0, 1.0], length)).to(dtype).to(device)
        weights = torch.full((1, length), 1 / length, dtype=dtype, device=device)
        exact = Fraction(float(weights[0, 0])) * int(signs.sum())
        largest = Fraction(float(weights[0, 0])) * int((signs > 0).sum().maximum((signs < 0).sum()))
        computed = Fraction(float((weights @ signs[:, None])[0, 0]))
        assert abs(computed - exact) <= arithmetic.total(length - 1, largest)


def test_number_formats():
    assert [Arithmetic.of(dtype).bits for dtype in FORMATS.values()] == [53, 24, 8]
    assert float(Arithmetic.of(torch.float64).exp(Fraction(10))) >= math.exp(-10)
    assert Arithmetic.of(torch.float64).exp(Fraction(0)) == 1
