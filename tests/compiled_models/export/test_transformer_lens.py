"""The network in TransformerLens: every activation, run after run; and what is said where it cannot be."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
import pytest
import torch

from compiled_models.cli import main
from compiled_models.export import Lens, to_transformer_lens
from compiled_models.machine_run import MachineRun
from construction import Codec, Transformer, base_network, compile_machine
from construction.transformer import BlockShape, Shape
from tm import InputError, Machine, Start, library

STOCHASTIC = Machine.read("a _ -> a 0 R x 1\na _ -> b _ R x 3")
INCREMENT, BB3 = library.load("increment"), library.load("bb3")
RUNS = {
    "base": (lambda: base_network(states=4, symbols=3), INCREMENT, "1011"),
    "tuned": (lambda: compile_machine(INCREMENT, states=4, symbols=3), INCREMENT, "1011"),
    "float32": (lambda: base_network(states=4, symbols=3, dtype=torch.float32), INCREMENT, "11"),
    "factored": (lambda: base_network(states=5, symbols=2, code="factored"), BB3, ""),
    "two tapes": (lambda: base_network(states=2, symbols=2, tapes=2), STOCHASTIC, ""),
}


def tokens_of(network: Transformer, machine: Machine, input: str) -> torch.Tensor:
    codec, start = Codec(network.config, machine), Start.of(machine, input)
    steps = MachineRun.of(codec, start, max_steps=40, seed=1).tokens
    return torch.from_numpy(np.concatenate([codec.prompt(input).tokens, steps]))[None]


@pytest.fixture(params=RUNS)
def both(request) -> tuple[Transformer, Lens, Codec, torch.Tensor]:
    pytest.importorskip(
        "transformer_lens", reason="TransformerLens is not installed: pip install 'tapehead[transformer-lens]'"
    )
    build, machine, input = RUNS[request.param]
    network = build()
    lens = to_transformer_lens(network, positions=64)
    return network, lens, Codec(network.config, machine), tokens_of(network, machine, input)


def test_logits_and_every_activation_are_the_same(both):
    network, lens, _, tokens = both
    own_logits, own = network.run_with_cache(tokens)
    logits, cache = lens.model.run_with_cache(lens.ids(tokens))
    tolerance: Any = {"rtol": 1e-12, "atol": 1e-12} if network.dtype == torch.float64 else {"rtol": 1e-6, "atol": 1e-6}
    torch.testing.assert_close(logits, own_logits[..., lens.rows].sum(-1), **tolerance)
    for name, activation in own.items():
        padded = cache[name]
        assert padded.dtype == activation.dtype
        if name.endswith("hook_attn_scores"):  # its native architecture has the pattern there
            assert torch.equal(padded, cache[name.replace("attn_scores", "pattern")])
            continue
        there = padded[tuple(slice(size) for size in activation.shape)]
        if name.endswith("hook_q"):
            there = there / 2
        torch.testing.assert_close(there, activation, **tolerance)
        if "hook_z" in name or "mlp" in name:  # what a block does not have is zero
            assert padded.abs().sum() == pytest.approx(float(there.abs().sum()))


def test_hooks_do_the_same(both):
    network, lens, _, tokens = both

    def nothing(z, hook):
        return 0 * z

    for block in (2, 3):
        hooks = [(f"blocks.{block}.attn.hook_z", nothing)]
        own = network.run_with_hooks(tokens, fwd_hooks=hooks)[..., lens.rows].sum(-1)
        other = lens.model.run_with_hooks(lens.ids(tokens), fwd_hooks=hooks)
        torch.testing.assert_close(other, own, rtol=1e-6, atol=1e-6)
    assert not torch.allclose(other, lens.model(lens.ids(tokens)))


def test_it_generates_the_run(both):
    network, lens, _, tokens = both
    if network.config.tapes > 1:
        pytest.skip("a stochastic run is drawn, not the likeliest tokens")
    ids = lens.ids(tokens)
    run = ids[0, 1:].tolist()
    after = run.index(next(i for i in run if lens.vocabulary.parse(lens.rows[i].tolist())[0] == "RUN"))
    likeliest = lens.model(ids)[0].argmax(-1).tolist()
    assert likeliest[after + 1 : -1] == run[after + 1 :]


def test_names_are_beside_it(both):
    network, lens, codec, tokens = both
    assert lens.stream is network.stream
    texts = [codec.text(tuple(lens.rows[i].tolist())) for i in lens.ids(tokens)[0]]
    assert texts == [codec.text(tuple(token)) for token in tokens[0].tolist()]
    with pytest.raises(InputError, match="make no token"):
        lens.ids(torch.ones_like(tokens))
    with pytest.raises(InputError, match=r"\[batch, positions, fields\]"):
        lens.ids(tokens[0])


def test_a_missing_library_is_named_with_its_extra(monkeypatch):
    for name in ["transformer_lens", *sys.modules]:
        if name.split(".")[0] == "transformer_lens":
            monkeypatch.setitem(sys.modules, name, None)  # as Python marks what is not there
    with pytest.raises(InputError, match=r"needs transformer_lens[\s\S]*pip install 'tapehead\[transformer-lens\]'"):
        to_transformer_lens(base_network(states=2, symbols=2))


def test_networks_that_cannot_be_numbered():
    nameless = Transformer(Shape(3, 2, (BlockShape(1, 1, 4),)), dtype=torch.float64)
    with pytest.raises(InputError, match="have no names"):
        to_transformer_lens(nameless)
    with pytest.raises(InputError, match=r"at most 50,000\n.*22,127,654"):
        to_transformer_lens(base_network(states=16, symbols=8, tapes=2))
    for positions in (0, -1, 1.5, "64"):
        with pytest.raises(InputError, match="positions"):
            to_transformer_lens(base_network(states=2, symbols=2), positions=positions)  # type: ignore[arg-type]


def test_the_hint_says_a_true_number():
    assert base_network(states=4, symbols=3).vocabulary.size() == 1_163


def test_the_folder_is_loaded_by_transformer_lens_alone(tmp_path):
    """In a process that this library is not in; the logits are those of the model made here, to the bit."""
    pytest.importorskip(
        "transformer_lens", reason="TransformerLens is not installed: pip install 'tapehead[transformer-lens]'"
    )
    assert main(["export", "transformer-lens", "-o", str(tmp_path / "lens"), "--positions", "32"]) == 0
    asked = (
        "from load import model, directions, tokens; import sys, torch; "
        "torch.save(model(torch.arange(8)[None]), 'logits'); "
        "print(len(tokens), directions['one'], not {'tm', 'construction', 'compiled_models'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", asked], cwd=tmp_path / "lens", capture_output=True, text=True)
    assert done.stdout.strip() == "1163 0 True", done.stderr
    lens = to_transformer_lens(base_network(states=4, symbols=3), positions=32)
    assert torch.equal(torch.load(tmp_path / "lens" / "logits"), lens.model(torch.arange(8)[None]))
    assert main(["export", "transformer-lens", "-o", str(tmp_path / "lens")]) == 2


def test_the_command_says_what_is_missing(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("compiled_models.export.transformer_lens.MODULES", ("no_such_library",) * 3)
    assert main(["export", "transformer-lens", "-o", str(tmp_path / "lens")]) == 2
    assert "pip install 'tapehead[transformer-lens]'" in capsys.readouterr().err
    assert main(["export", "transformer-lens", "-o", str(tmp_path / "lens"), "--states", "99", "--symbols", "9"]) == 2
    assert "too many tokens to number them" in capsys.readouterr().err
    assert not (tmp_path / "lens").exists()
