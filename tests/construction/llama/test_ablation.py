"""What each part of the stock Llama is for, by what goes wrong without it; and all pairs of words that may not be."""

from __future__ import annotations

import pytest

from compiled_models.llama_run import generated
from construction.llama import LlamaConfig, draw_llama, require_prompt, tokens_of
from construction.llama.ablation import ablations, bad_prompts, single_units
from construction.llama.network import ALLOWED, IN_PROMPTS
from tests.construction.llama.runs import blueprint
from tests.effort import some
from tm import InputError

SPARE = ("unit: +1: at[5] is +1", "unit: -1: at[5] is -1", "unit: 64 read[0] > 16")
"""Bit 5 flips at the edges alone, where no address follows; a bit 0 of more than 2 is still read as 1."""


def test_every_unit_but_three_is_needed_in_the_probes():
    blueprint = draw_llama(LlamaConfig(states=4, cells=64))
    parts = [*some([*single_units(blueprint)], 6)]
    assert len(parts) > 8
    for ablation in ablations(blueprint, parts):
        sort = "error" if " after " in ablation.part else "address" if "1: at" in ablation.part else ""
        whole = not ablation.part or ablation.part in SPARE
        assert ablation.lost == () if whole else sort in ablation.lost or (not sort and ablation.lost)


@pytest.mark.parametrize("name", bad_prompts())
def test_words_that_may_not_follow_one_another(name: str):
    words = [*generated(blueprint().network(), tokens_of(LlamaConfig(), bad_prompts()[name]), 9)]
    texts = [blueprint().vocabulary.texts[word] for word in words]
    assert texts[-2:] == ["<error>", "<halt>"]
    assert len(texts) <= 3
    if "<bos>" not in bad_prompts()[name] and "address without" not in name:
        with pytest.raises(InputError, match=r"follow|no such word|contradict"):
            require_prompt(LlamaConfig(), bad_prompts()[name])


def test_there_is_a_prompt_for_every_such_pair():
    pairs = [(one, other) for one in IN_PROMPTS for other in IN_PROMPTS if (one, other) not in ALLOWED]
    assert {f"{other} after {one}" for one, other in pairs} == {name for name in bad_prompts() if " after " in name}
