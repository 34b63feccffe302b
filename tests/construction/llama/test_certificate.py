"""The certificate of the stock Llama: what holds, what ends it, and that no changed weight passes."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from random import Random

import gguf
import numpy as np
import pytest
import torch

from compiled_models.export import tuned_llama_config
from compiled_models.llama_run import run_llama
from construction.llama import LlamaConfig, certify_llama, llama_network, tokens_of
from construction.llama.arithmetic import clocks
from construction.llama.certificate import PER_USE, PER_VISIT, LlamaCertificate, certified_words
from construction.llama.config import HEAD_DIM
from construction.llama.frame import frame_violations
from construction.llama.gadgets import UNIT
from construction.llama.transformer import FORMATS, rotary_tables, rotated
from tests.commands import tapehead
from tests.construction.llama.runs import blueprint, margins, random_runs
from tests.effort import some
from tm import InputError, Machine, library

CONFIG = LlamaConfig()


@cache
def certificate_of(config: LlamaConfig, dtype: torch.dtype) -> LlamaCertificate:
    """The certificate of a network as drawn, for as many words as are certified; read once."""
    return certify_llama(llama_network(config, dtype=dtype))


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", FORMATS)
def test_the_whole_context_is_certified(dtype: str, attention: str):
    certificate = certify_llama(llama_network(dtype=FORMATS[dtype], attention=attention))
    assert certificate.holds
    assert (certificate.largest, certificate.beyond) == (131_072, "context")
    assert [lemma.name for lemma in certify_llama(llama_network(), words=131_073).failing] == ["context"]


@pytest.mark.parametrize(
    "config",
    [
        LlamaConfig(states=26, symbols=16, cells=16384),
        LlamaConfig(states=2, symbols=2, cells=4),
        tuned_llama_config(library.load("increment")),
    ],
    ids=str,
)
def test_other_capacities_and_tuned_networks_are_certified(config: LlamaConfig):
    assert certify_llama(llama_network(config, dtype=torch.bfloat16, attention="eager")).holds


@pytest.mark.parametrize(
    ("dtype", "config", "words", "beyond"),
    [
        ("float32", LlamaConfig(cells=65536), 29_802, "ledger"),
        ("bfloat16", LlamaConfig(cells=65536), 29_686, "ledger"),
        ("float16", LlamaConfig(cells=65536), 29_802, "ledger"),
        ("float32", LlamaConfig(states=128, symbols=8), 131_072, "context"),
    ],
)
def test_heads_that_are_full(dtype: str, config: LlamaConfig, words: int, beyond: str):
    certificate = certificate_of(config, FORMATS[dtype])
    assert (certificate.largest, certificate.beyond) == (words, beyond)


@pytest.mark.parametrize("dtype", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize("cells", [4096, 65536])
def test_equal_keys_far_apart_score_as_nearly_alike_as_the_ledger_needs(cells: int, dtype: torch.dtype):
    """Keys of READ for one address, turned to positions near and far, against a query at the last one certified."""
    config = LlamaConfig(cells=cells)
    certificate, drawn = certificate_of(config, dtype), blueprint(config)
    words = certificate.words
    ledger = next(lemma for lemma in certificate.lemmas if lemma.name == "ledger")
    stream, rng = drawn.stream, Random(3)
    token = torch.zeros(2, config.hidden)  # at an address, and one that wrote there
    token[:, stream["constant"][0].column] = 1
    for space, row in (("address", 0), ("at", 1)):
        for number, direction in enumerate(stream[space]):
            token[row, direction.column] = 1 if cells // 3 >> number & 1 else -1
    weights = drawn.tensors()
    query = token[0] @ weights["model.layers.1.self_attn.q_proj.weight"][:HEAD_DIM].T
    key = token[1] @ weights["model.layers.1.self_attn.k_proj.weight"][:HEAD_DIM].T
    places = torch.tensor([0, *sorted(rng.sample(range(words), 500)), words - 1])
    keys = rotated(key.to(dtype)[None], *rotary_tables(places, dtype)).double()
    queries = rotated(query.to(dtype)[None], *rotary_tables(places[-1:], dtype)).double()
    scores = (keys @ queries[0]) / 8
    spread = float(scores.max() - scores.min())
    assert spread <= float(ledger.left) < float(ledger.right)
    assert spread > 0.5 * float(ledger.left) or cells == 4096


def test_beyond_a_longer_context_something_fails():
    largest, beyond = certified_words(llama_network(LlamaConfig(context=1 << 18)))
    assert (131_072 < largest < 1 << 18, beyond) == (True, "visits")


@pytest.mark.parametrize("place", some(range(len(blueprint().entries)), 60))
def test_a_changed_weight_of_the_layers_is_named(place: int):
    entry, network = blueprint().entries[place], blueprint().network()
    weight = network.get_parameter(entry.tensor)
    before = float(weight[entry.index])
    for changed in (-before, 0.0, 1.5 * before):
        weight[entry.index] = changed
        count, (violation,) = frame_violations(blueprint(), network)
        assert (count, violation.index, violation.because) == (1, entry.index, entry.because)
        assert violation.expected == f"{before:.9g}"
        weight[entry.index] = before


def test_so_is_any_other_weight_and_run_does_not_start():
    rng, network = Random(1), blueprint().network(dtype=torch.bfloat16)
    for name, weight in network.named_parameters():
        index = tuple(rng.randrange(size) for size in weight.shape)
        before = weight[index].clone()
        weight[index] = before + 1 if before.abs() < 100 else 2 * before
        assert frame_violations(blueprint(), network)[0] == 1, name
        weight[index] = before
    network.get_parameter("model.layers.1.self_attn.q_proj.weight")[3, 3] = 1
    certificate = certify_llama(network)
    assert (certificate.holds, certificate.largest, certificate.beyond) == (False, 0, "frame")
    result = run_llama(network, Machine.read("1RB1LB_1LA1RZ"))
    assert (result.reason, result.lemma, result.words) == ("not certified", "frame", ())
    assert run_llama(network, Machine.read("1RB1LB_1LA1RZ"), uncertified=True).words


def test_a_run_ends_where_its_certificate_does():
    network = llama_network(LlamaConfig(context=32))
    result = run_llama(network, Machine.read("a _ -> a 1 R"))
    assert (result.reason, result.lemma, len(result.words)) == ("not certified", "context", 27)
    assert result.difference is None


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_the_bound_of_a_clocks_error_is_never_exceeded(dtype: torch.dtype):
    """Scores of an offset head computed as the network computes them, against the exact ones, far out too."""
    rng, bound = Random(2), clocks(dtype, 131_072).error(131_072)
    weight = blueprint().tensors()["model.layers.0.self_attn.q_proj.weight"][:HEAD_DIM, 0].to(dtype)
    key = blueprint().tensors()["model.layers.0.self_attn.k_proj.weight"][:HEAD_DIM, 0].to(dtype)
    places = torch.tensor(sorted(rng.sample(range(131_072), 400)))
    tables = rotary_tables(places, dtype)
    queries, keys = rotated(weight[None], *tables).float(), rotated(key[None], *tables).float()
    scores = (queries.double() @ keys.double().T / 8).numpy()
    distances = places[:, None].numpy() - places[None].numpy() - 1
    frequencies = (1.0 / 1e24 ** (torch.arange(0, 16, 2, dtype=torch.float32) / 64)).double().numpy()
    exact = 256 * np.cos(distances[..., None] * frequencies).sum(-1)
    assert 0 < np.abs(scores - exact).max() <= bound


STANDING = "A0 1SB\nB1 1SA\n@0 1\nB @0" + "\nB1 1SA @0\nA1 1SB @0" * 100
REPEATED = "A0 1RB " * 300 + "A @0 A0"


@pytest.mark.parametrize("attention", ["sdpa", "eager"])
@pytest.mark.parametrize("dtype", FORMATS)
@pytest.mark.parametrize(("text", "lemma"), [(STANDING, "visits"), (REPEATED, "action")], ids=["visits", "uses"])
@torch.no_grad()
def test_most_visits_and_most_uses_are_within_what_the_certificate_says(
    dtype: str, attention: str, text: str, lemma: str
):
    """What READ and DECIDE find, in a prompt that visits one cell, or repeats one rule, as often as words allow."""
    network = blueprint().network(dtype=FORMATS[dtype], attention=attention)
    tokens, found = tokens_of(CONFIG, text), list[torch.Tensor]()
    attend = network.get_submodule("model.layers.1.self_attn")
    attend.register_forward_hook(lambda *call: found.append(call[-1][0] / float(UNIT)))
    network(tokens)
    says = {one.name: one for one in certify_llama(network, words=tokens.shape[1]).lemmas}[lemma]
    stream, after = blueprint().stream, found[0].double()
    if lemma == "visits":
        reads = after[8::3, stream["read"][0].column]  # at the addresses of the run, whose cell holds 1
        assert float(says.right) <= float(reads.min()) <= 1.03 * float(says.right)
        assert reads.max() < 1.23
    else:
        spaces = ("decided write", "decided move", "decided state")
        bits = after[-1, [direction.column for space in spaces for direction in stream[space]]]
        assert len(bits) == CONFIG.state_bits + CONFIG.symbol_bits + 2
        assert float((bits.abs() - 1).abs().max()) <= float(says.left) / len(bits)


@pytest.mark.parametrize(("text", "head", "words"), [(STANDING, 0, PER_VISIT), (REPEATED, 1, PER_USE)])
@torch.no_grad()
def test_no_cell_has_more_visits_and_no_rule_more_uses_than_words_allow(text: str, head: int, words: int):
    network, patterns = blueprint().network(attention="eager"), list[torch.Tensor]()
    hook = network.get_submodule("model.layers.1.self_attn.hook_pattern")
    hook.register_forward_hook(lambda *call: patterns.append(call[-1][0]))
    tokens = tokens_of(CONFIG, text)
    network(tokens)
    pattern = patterns[0][head, -1, 1:]
    matches = int((pattern > pattern.max() / 2).sum())
    assert 0.95 * tokens.shape[1] / words < matches <= tokens.shape[1] / words


def test_what_eight_bits_a_weight_change():
    """A block of 32 weights has one scale. Where all have one size they stay equal; two places hold several sizes."""
    network, clock = blueprint().network(), "model.layers.0.self_attn.q_proj.weight"
    for name, weight in network.named_parameters():
        if weight.dim() == 2:
            kind, before = gguf.GGMLQuantizationType.Q8_0, weight.numpy().copy()
            values = gguf.quants.dequantize(gguf.quants.quantize(before, kind), kind)
            there = before != 0
            assert not values[~there].any(), name
            most = np.abs(values[there] / before[there] - 1).max()
            assert most < (2**-6 if name in (clock, "lm_head.weight") else 2**-10), name
            if name == clock:  # logits by which the scores of an offset head change: of 122 that they have to spare
                assert np.abs(values - before).reshape(-1, HEAD_DIM, before.shape[1]).sum(1).max() / 8 < 16
            weight.copy_(torch.from_numpy(values))
    for run in random_runs(CONFIG, 5, seed=5):
        wrong, right, other = margins(network, run)
        assert (wrong, right > 29, other < -56) == (0, True, True)


def test_what_cannot_be_certified():
    with pytest.raises(InputError, match="float32, bfloat16, float16"):
        certify_llama(llama_network().double())
    with pytest.raises(InputError, match="positive integer"):
        certify_llama(llama_network(), words=0)
    with pytest.raises(InputError, match="llama_network"):
        certify_llama(torch.nn.Linear(1, 1))  # type: ignore[arg-type]


def test_the_commands(capsys):
    status, out, _ = tapehead(capsys, "certify", "--network", "llama", "--dtype", "bfloat16", "--attention", "eager")
    assert (status, "CERTIFIED" in out, "largest     131,072 words" in out) == (0, True, True)
    status, out, _ = tapehead(capsys, "certify", "--network", "llama", "--tokens", "200000", "--json")
    assert (status, '"certified": false' in out) == (1, True)
    status, _, err = tapehead(capsys, "certify", "--network", "llama", "--radius", "5")
    assert (status, "no radius" in err) == (2, True)
    status, _, err = tapehead(capsys, "certify", "--network", "llama", "--decoder", "kernels")
    assert (status, "no --decoder" in err) == (2, True)
    status, _, err = tapehead(capsys, "certify", "--attention", "eager")
    assert (status, "--network llama" in err) == (2, True)


def test_explain_names_every_weight(capsys):
    status, out, _ = tapehead(capsys, "explain", "--network", "llama")
    total, layers = blueprint().nonzero, blueprint().in_layers
    assert status == 0
    assert f"{total:,} non-zero weights of {total:,}, {layers:,} of them in the two layers" in out
    lines = [line for line in out.splitlines() if line.lstrip().split(" ")[0].endswith("_proj")]
    assert len(lines) == layers == sum("_proj" in entry.tensor for entry in blueprint().entries)
    assert all(entry.because for entry in blueprint().entries)
    status, out, _ = tapehead(capsys, "explain", "increment", "--network", "llama", "--block", "DECIDE")
    assert (status, "The rule A1 1RA of the machine that the network is tuned to." in out) == (0, True)
    status, _, err = tapehead(capsys, "explain", "--network", "llama", "--block", "ADDRESS")
    assert (status, "LOCATE, READ, DECIDE" in err) == (2, True)


def test_the_table_of_the_page_is_the_certificates():
    page = (Path(__file__).parents[3] / "docs/llama.md").read_text()
    table = page.split("## Why it is exact")[1].split("## Capacity")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][1:]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    lemmas = certify_llama(llama_network(dtype=torch.bfloat16, attention="eager")).lemmas
    assert [name for name, _, _ in rows] == [lemma.name for lemma in lemmas]
    for (_, _, numbers), lemma in zip(rows[1:], lemmas[1:], strict=True):
        left, right = re.split(" [≤<] ", numbers.replace(",", "").removesuffix(" logits"))
        exact = float(lemma.left), float(lemma.right)
        assert (float(left), float(right)) == pytest.approx(exact, rel=0.05)  # the page has two digits
        assert ("<" in numbers) == lemma.strict


def test_the_number_of_weights_on_the_page():
    page = (Path(__file__).parents[3] / "docs/llama.md").read_text()
    assert f"its {blueprint().in_layers:,} non-zero weights in the two layers" in " ".join(page.split())
