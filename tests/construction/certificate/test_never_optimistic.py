"""No adversary breaks a network within its certificate; with small constants, each finds the failure beyond it."""

from __future__ import annotations

import pytest
import torch

from benchmarks.failures import ADVERSARIES, Subject, search

LIMIT = 330
FAILING = [
    Subject(torch.float32, changed=(("K", 2**7),)),
    Subject(torch.float64, "streaming", changed=(("K", 2**7),)),
    Subject(torch.float64, changed=(("beta", 16), ("K", 2**7))),
    Subject(torch.float64, changed=(("beta", 8), ("K", 2**8))),
]
USUAL = [Subject(torch.float64), Subject(torch.float32), Subject(torch.float32, "streaming")]
CLOSE = [adversary for adversary in ADVERSARIES if adversary.head == 0 and len(adversary.input) < 100]


@pytest.mark.parametrize("subject", FAILING, ids=str)
def test_the_first_failure_is_beyond_the_certificate(subject):
    findings = [search(subject, adversary, LIMIT) for adversary in CLOSE]
    firsts = [finding.first for finding in findings if finding is not None and finding.first is not None]
    assert firsts  # an adversary that breaks nothing shows nothing
    for finding in findings:
        assert finding is not None
        assert finding.first is None or finding.first > finding.certified, finding


@pytest.mark.parametrize("adversary", ADVERSARIES[:3], ids=lambda adversary: adversary.name)
def test_the_certificate_is_not_far_from_the_failure(adversary):
    finding = search(Subject(torch.float64, changed=(("K", 2**7),)), adversary, 80)
    assert finding is not None
    assert finding.first is not None
    assert 1 < finding.first / finding.certified < 1.2


@pytest.mark.parametrize("subject", USUAL, ids=str)
def test_usual_constants_hold_well_within_their_certificate(subject):
    for adversary in CLOSE:
        finding = search(subject, adversary, 200)
        assert finding is not None
        assert finding.first is None
        assert finding.certified > 2_800


def test_bfloat16():
    for adversary in CLOSE:
        finding = search(Subject(torch.bfloat16), adversary, 90)
        assert finding is not None
        assert finding.certified <= 6
        assert finding.first is None or finding.first > finding.certified
