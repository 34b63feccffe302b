"""The kernel for people: what it says is the blueprint's, only where the weights are, and changes nothing."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import numpy as np
import pytest
import torch

from compiled_models import load, save
from compiled_models.decoding import KernelDecoder, kernels
from compiled_models.decoding.kernels import commented_source
from construction import Prompt, base_network, compile_machine
from construction.base_network import draw_base_network
from construction.transformer import Transformer
from construction.vocabulary import Vocabulary, machine_vocabulary
from tests.compiled_models.decoding.agreement import SHARP, scrambled_network, sharp_network
from tm import Machine

README = Path(kernels.__file__).with_name("README.md")
MACHINE = Machine.read("a 0 -> b 1 R\na 1 -> a 0 L\nb 0 -> a 1 L")
WITH_SENTENCES = ("blocks.0.attn.W_V", "blocks.2.attn.W_Q", "blocks.2.attn.W_K", "blocks.2.mlp.W_gate", "unembed.W_U")


def said(network: Transformer, vocabulary: Vocabulary, stop: tuple[int, ...]) -> list[str]:
    """The comments of a kernel's loop, one a line."""
    loop = commented_source(network, vocabulary, stop).partition("def advance")[2]
    return [line.strip().removeprefix("# ") for line in loop.splitlines() if line.strip().startswith("#")]


def of_machine(network: Transformer) -> tuple[Transformer, Vocabulary, tuple[int, ...]]:
    """A network with its vocabulary and stop token."""
    config = network.config
    vocabulary = machine_vocabulary(config.states, config.symbols, config.tapes, config.code)
    return network, vocabulary, vocabulary.token("STOP")


NETWORKS = [
    of_machine(base_network(3, 2)),
    of_machine(base_network(3, 2, 2, code="factored", dtype=torch.float32)),
    of_machine(compile_machine(MACHINE)),
    of_machine(scrambled_network(3)),
    (sharp_network(1), SHARP, SHARP.token("BEGIN")),
]


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("which", NETWORKS, ids=lambda which: str(which[0].config).splitlines()[0])
def test_comments_change_nothing(which: tuple[Transformer, Vocabulary, tuple[int, ...]], drawn: bool):
    network, vocabulary, stop = which
    prompt = Prompt(np.array([stop]), stop)
    compiled = KernelDecoder(network, vocabulary, prompt, seed=1 if drawn else None).source.text
    commented = commented_source(network, vocabulary, stop, drawn=drawn)
    assert ast.dump(ast.parse(commented)) == ast.dump(ast.parse(compiled))
    assert commented != compiled
    assert "#" not in compiled.partition("def ")[2]  # the compiler's own is as it was: kernels on disk stay good


def test_a_base_network_speaks_its_blueprints_words():
    network, vocabulary, stop = of_machine(base_network(3, 2))
    comments, blueprint = said(network, vocabulary, stop), draw_base_network(network.config)
    for tensor in WITH_SENTENCES:
        sentences = {entry.because for entry in blueprint.entries if entry.tensor == tensor}
        assert sentences <= set(comments), tensor
    assert "READ 1: the query, and the cell whose key has all the weight" in comments
    assert any(comment.endswith(": mean move 1") for comment in comments)


@pytest.mark.parametrize("tensor", WITH_SENTENCES)
def test_a_changed_tensor_has_no_sentences_any_more(tensor: str):
    network, vocabulary, stop = of_machine(base_network(3, 2))
    sentences: dict[bool, set[str]] = {True: set(), False: set()}
    for entry in draw_base_network(network.config).entries:
        sentences[entry.tensor == tensor].add(entry.because)
    before = said(network, vocabulary, stop)
    weight = network.get_parameter(tensor).data
    weight[tuple(weight.nonzero()[-1].tolist())] *= 2
    after = said(network, vocabulary, stop)
    assert sentences[True] & set(before)
    assert not (sentences[True] - sentences[False]) & set(after)
    assert set(before) - set(after) <= sentences[True]


def test_a_network_without_a_blueprint_is_explained_by_its_weights_alone():
    comments = said(sharp_network(1), SHARP, SHARP.token("BEGIN"))
    assert any(re.match(r"head \d of block \d: ", comment) for comment in comments)


@pytest.mark.parametrize("network", [base_network(3, 2), compile_machine(MACHINE)], ids=["base", "tuned"])
def test_a_checkpoint_is_explained_like_what_was_saved(network: Transformer, tmp_path: Path):
    save(network, tmp_path / "network.safetensors")
    loaded = load(tmp_path / "network.safetensors")
    assert commented_source(*of_machine(loaded)) == commented_source(*of_machine(network))


def test_the_readme_shows_what_is_generated():
    vocabulary = machine_vocabulary(3, 2, 1, "joint")
    source = commented_source(base_network(states=3, symbols=2), vocabulary, vocabulary.token("STOP"))
    excerpts = re.findall(r"```python\n(# .*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    generated = source.partition("    while n < limit:\n")[2].replace("\n        ", "\n")
    generated = generated.replace("e+", "e")  # as the formatter, which formats pages too, has it
    assert sum(excerpt.count("\n") for excerpt in excerpts) >= 40
    for excerpt in excerpts:
        assert excerpt in generated
