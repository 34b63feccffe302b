from __future__ import annotations

import pytest

from benchmarks.fuzz import mutants, tally
from tm.registry import readers


@pytest.mark.parametrize("notation", readers())
def test_a_mutated_file_is_a_machine_or_a_clear_error(notation):
    found = tally(notation, mutants(notation, 200, seed=1))
    assert found.failures == []
    assert found.counts["machines"] + found.counts["machines, and written"] > 0
    assert found.counts["errors"] > 0
