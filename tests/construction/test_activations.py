"""Activations under TransformerLens' names: what they are, in which shape, and that looking changes nothing."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from compiled_models import load, run, save
from compiled_models.cli import main
from compiled_models.machine_run import MachineRun
from construction import Codec, base_network, compile_machine, machine_vocabulary
from construction.activations import HookPoint, UnknownActivation
from construction.base_network import residual_stream
from construction.certificate import certified_budget
from construction.plain import departure
from tm import InputError, Start, library, simulate

MACHINE = library.load("two_tape_add")
INPUT = ["101", "11"]
OF_A_BLOCK = [
    *(f"attn.hook_{name}" for name in ("q", "k", "v", "attn_scores", "pattern", "z")),
    *(f"mlp.hook_{name}" for name in ("pre", "pre_linear", "post")),
    *(f"hook_{name}" for name in ("resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out")),
]
EVERY = ["hook_embed", "hook_pos_embed", *(f"blocks.{i}.{name}" for i in range(4) for name in OF_A_BLOCK)]


def whole_run(network) -> torch.Tensor:
    """The prompt and every token of a run [1 p w]."""
    codec, start = Codec(network.config, MACHINE), Start.of(MACHINE, INPUT)
    steps = MachineRun.of(codec, start, max_steps=100).tokens
    return torch.from_numpy(np.concatenate([codec.prompt(start.input).tokens, steps]))[None]


BASE = base_network(8, 4, 2)
NETWORKS = [
    pytest.param(BASE, id="base"),
    pytest.param(base_network(8, 4, 2, dtype=torch.float32), id="float32"),
    pytest.param(compile_machine(MACHINE), id="tuned"),
]


@pytest.mark.parametrize("network", NETWORKS)
def test_looking_changes_no_bit(network):
    tokens = whole_run(network)
    logits, cache = network.run_with_cache(tokens)
    assert torch.equal(logits, network(tokens))
    assert set(cache) == set(EVERY)
    assert departure(network) is None


@pytest.mark.parametrize("network", NETWORKS)
def test_every_activation_is_what_its_name_says_in_transformerlens_shapes(network):
    tokens = whole_run(network)
    logits, cache = network.run_with_cache(tokens)
    p, m = tokens.shape[1], network.shape.d_model
    torch.testing.assert_close(cache["hook_embed"] + cache["hook_pos_embed"], cache["resid_pre", 0], rtol=0, atol=0)
    assert cache["hook_pos_embed"].shape == (1, p, m)
    for i, (block, shape) in enumerate(zip(network.blocks, network.shape.blocks, strict=True)):
        before = cache["resid_pre", i]
        assert before is cache[f"blocks.{i}.hook_resid_pre"]
        assert torch.equal(before + cache["attn_out", i], cache["resid_mid", i])
        assert torch.equal(cache["resid_mid", i] + cache["mlp_out", i], cache["resid_post", i])
        assert torch.equal(cache["pre", i].relu() * cache["pre_linear", i], cache["post", i])
        assert torch.equal(cache["attn_scores", i].softmax(-1), cache["pattern", i])
        for name, weight in (("q", "W_Q"), ("k", "W_K"), ("v", "W_V")):
            assert cache[name, i].shape == (1, p, shape.heads, shape.d_head)  # [batch, position, head, channel]
            expected = torch.einsum("bpm,hmc->bphc", before, block.attn.get_parameter(weight))
            torch.testing.assert_close(cache[name, i], expected)
        mean = torch.einsum("bhps,bshc->bphc", cache["pattern", i], cache["v", i])
        torch.testing.assert_close(cache["z", i], mean)
        written = torch.einsum("bphc,hcm->bpm", cache["z", i], block.attn.W_O)
        torch.testing.assert_close(cache["attn_out", i], written)
    assert torch.equal(cache["resid_post", 3] @ network.unembed.W_U, logits)


def test_a_direction_by_name_is_what_the_machine_does():
    network = BASE
    tokens = whole_run(network)
    _, cache = network.run_with_cache(tokens)
    run_of_it = list(simulate(MACHINE, INPUT, max_steps=100))
    begin = tokens.shape[1] - len(run_of_it) - 1  # RUN stands there: the start configuration; STOP is last
    for tape in (1, 2):
        heads = cache.residual(f"head {tape}")[0, begin : begin + len(run_of_it)].tolist()
        assert heads == [configuration.heads[tape - 1] for configuration in run_of_it]
        assert set(cache.residual(f"symbol {tape}").unique().tolist()) <= {0.0, 1.0}
    states = cache.residual("state")[0, begin : begin + len(run_of_it)].argmax(-1).tolist()
    slots = Codec(network.config, MACHINE)
    assert [slots.machine.states[slot] for slot in states] == [configuration.state for configuration in run_of_it]
    assert torch.equal(cache.residual("state[0]"), cache.residual("state")[..., 0])


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_rounding_shift_is_removed_where_it_stands_and_nowhere_else(dtype):
    network = base_network(8, 4, 2, dtype=dtype)
    _, cache = network.run_with_cache(whole_run(network))
    small = {}
    for name in cache:
        if name.rpartition("hook_")[2] in ("embed", "pos_embed", "attn_out", "mlp_out") or "resid" in name:
            small[name] = [cache.residual(f"{what} {tape}", at=name) for what in ("head", "cell") for tape in (1, 2)]
    assert len(small) == 2 + 4 * 5
    for name, values in small.items():
        assert all(value.abs().max().item() < 100 for value in values), name
    parts = [cache.residual("head 1", at=(name, i)) for i in range(4) for name in ("attn_out", "mlp_out")]
    total = torch.stack(parts).sum(0)
    assert torch.equal(total, cache.residual("head 1"))


@pytest.mark.parametrize(
    ("name", "at"), [("head 3", None), ("heads 1", None), ("state[8]", None), ("state", "nowhere")]
)
def test_a_name_that_is_none_is_told_with_near_ones(name, at):
    _, cache = BASE.run_with_cache(torch.ones(1, 3, 4, dtype=torch.int64))
    with pytest.raises(UnknownActivation, match=r"no (direction|activation) has this name\n    expected: such as .*\n"):
        cache.residual(name, at)


def test_what_is_not_in_the_residual_stream_has_no_direction():
    _, cache = BASE.run_with_cache(torch.ones(1, 3, 4, dtype=torch.int64))
    with pytest.raises(InputError, match="not in the residual stream"):
        cache.residual("head 1", at=("pattern", 2))
    assert "blocks.9.hook_resid_post" not in cache
    with pytest.raises(KeyError, match="such as blocks"):
        cache["blocks.9.hook_resid_post"]
    assert "blocks.2.attn.hook_pattern" in repr(cache)


def test_names_filter():
    network, tokens = BASE, torch.ones(1, 3, 4, dtype=torch.int64)
    for names in ("blocks.2.attn.hook_z", ["blocks.2.attn.hook_z"], lambda name: name == "blocks.2.attn.hook_z"):
        _, cache = network.run_with_cache(tokens, names_filter=names)
        assert list(cache) == ["blocks.2.attn.hook_z"]
    with pytest.raises(UnknownActivation, match=r"no hook point has this name(.|\n)*blocks\.2\.attn\.hook_q"):
        network.run_with_cache(tokens, names_filter="blocks.2.attn.hook_query")


@pytest.mark.parametrize("name", EVERY)
def test_a_hook_at_every_point_sees_its_activation_and_can_replace_it(name):
    network, seen = BASE, []
    tokens = torch.cat([whole_run(network)[:, :3], whole_run(network)[:, -3:]], 1)

    def look(activation, hook):
        seen.append((hook, activation.shape))

    plain, cache = network.run_with_cache(tokens)
    assert torch.equal(network.run_with_hooks(tokens, fwd_hooks=[(name, look)]), plain)
    assert seen == [(HookPoint(name), cache[name].shape)]
    assert HookPoint(name).layer() == (int(name[7]) if name.startswith("blocks") else None)

    same = network.run_with_hooks(tokens, fwd_hooks=[(name, lambda activation, hook: activation.clone())])
    assert torch.equal(same, plain)
    with network.hooks([(name, lambda activation, hook: 2 * activation + 1)]):
        assert departure(network) is not None
        _, inside = network.run_with_cache(tokens)
    assert torch.equal(inside[name], 2 * cache[name] + 1)  # what the rest of the network is given
    assert departure(network) is None
    assert torch.equal(network(tokens), plain)


def test_a_hook_on_one_head_is_on_that_head():
    """As TransformerLens' users write it: [batch, position, head, channel]."""
    network = BASE
    tokens = whole_run(network)

    def away(z, hook):
        z = z.clone()
        z[:, :, 1] = 0
        return z

    _, plain = network.run_with_cache(tokens)
    with network.hooks([("blocks.2.attn.hook_z", away)]):
        _, cache = network.run_with_cache(tokens)
    assert torch.equal(cache.residual("found 1"), plain.residual("found 1"))
    assert plain.residual("found 2").any()
    assert not cache.residual("found 2").any()


@pytest.mark.parametrize("wrong", [3, torch.zeros(2), torch.zeros(1, 1, 3, 3)], ids=["int", "shape", "dtype"])
def test_what_a_hook_may_not_return(wrong):
    network, tokens = BASE, torch.ones(1, 3, 4, dtype=torch.int64)
    with pytest.raises(InputError, match=r"a hook at blocks\.2\.attn\.hook_pattern returned what does not fit"):
        network.run_with_hooks(tokens, fwd_hooks=[("blocks.2.attn.hook_pattern", lambda pattern, hook: wrong)])
    assert departure(network) is None  # nothing is left hanging


@pytest.mark.parametrize("row", [-1, 10_000])
def test_tokens_that_are_no_rows_are_refused(row):
    network, tokens = BASE, torch.ones(1, 3, 4, dtype=torch.int64)
    tokens[0, 1, 2] = row
    with pytest.raises(InputError, match=f"row numbers of the vocabulary\n    expected: 0 to .*\n    found: {row}"):
        network.run_with_cache(tokens)
    tokens[:] = 1
    with pytest.raises(ValueError, match=r"tokens are a tensor of integers \[batch, positions, fields\]"):
        network.run_with_cache(tokens[0])


@pytest.mark.parametrize(
    "key", [3, None, (), ("pattern", 2, "attn"), ("pattern", "x"), (["z"], 2), ("nothing", 2)], ids=str
)
def test_a_key_that_is_no_name_is_in_no_cache(key):
    _, cache = BASE.run_with_cache(torch.ones(1, 3, 4, dtype=torch.int64), names_filter="blocks.2.attn.hook_z")
    assert key not in cache
    with pytest.raises(UnknownActivation, match="no activation has this name"):
        cache[key]


def test_a_run_in_hooks_is_generated_with_them_and_certified_nowhere():
    network, machine = base_network(8, 4), library.load("increment")
    with network.hooks([("blocks.2.attn.hook_z", lambda z, hook: 0 * z)]):
        result = run(network, machine, "11", uncertified=True)
        assert (result.decoder, "".join(result.tape)) == ("dense", "1_1")
        assert result.fallback is not None
        assert "hook" in result.fallback
        assert certified_budget(network, "dense").tokens == 0
        steps = list(result.trace())
    assert len(steps) == result.steps + result.halted
    assert "".join(run(network, machine, "11").tape) == "100"


def _nothing_read(z, hook):
    return 0 * z


@pytest.mark.parametrize("then", ["hooked", "unhooked", "changed", "set back"])
def test_a_trace_never_differs_from_its_result_in_silence(then: str):
    network, machine, hooks = base_network(8, 4), library.load("increment"), [("blocks.2.attn.hook_z", _nothing_read)]
    with network.hooks(hooks if then == "unhooked" else []):
        result = run(network, machine, "11", uncertified=True)
    if then in ("changed", "set back"):
        network.unembed.W_U.data.neg_()
    if then == "set back":
        network.unembed.W_U.data.neg_()
        assert [step.after.state for step in result.trace()][-1] == result.state
        return
    with (
        network.hooks(hooks if then == "hooked" else []),
        pytest.raises(InputError, match="no longer generates this run"),
    ):
        list(result.trace())
    with network.hooks(hooks if then == "hooked" else []):
        assert "no longer generates this run" in result._repr_html_()


def test_a_network_knows_its_directions_and_its_tokens(tmp_path):
    network = BASE
    save(network, tmp_path / "base.safetensors")
    tuned = compile_machine(MACHINE)
    for each in (network, tuned, load(tmp_path / "base.safetensors"), copy.deepcopy(network)):
        config = each.config
        assert each.stream.width == each.shape.d_model
        assert [*each.stream.spaces] == [*residual_stream(config).spaces]
        expected = machine_vocabulary(config.states, config.symbols, config.tapes, config.code)
        assert [each.vocabulary.name(row) for row in range(each.shape.d_vocab)] == [
            expected.name(row) for row in range(expected.rows)
        ]


def test_hook_points_are_no_weights(capsys):
    assert main(["run", "increment", "1", "--json"]) == 0
    assert '"sha256": "ef04d61583bcfd25' in capsys.readouterr().out  # as before there were any


@pytest.mark.parametrize(
    "wrong",
    [
        [("hook_embed", 3)],
        [("hook_embed", None)],
        [("hook_embed",)],
        ["hook_embed"],
        [("hook_embed", abs, abs)],
        [3],
        3,
        None,
        [(3, abs)],
        [(abs, "hook_embed")],
    ],
)
def test_what_is_no_hook_is_one_error(wrong):
    network = base_network(states=2, symbols=2)
    tokens = torch.ones(1, 2, 4, dtype=torch.int64)
    with pytest.raises(InputError, match=r"hook") as error:
        network.run_with_hooks(tokens, fwd_hooks=wrong)
    assert len(error.value.problems) == 1
    with pytest.raises(InputError), network.hooks(wrong):
        pass
    with pytest.raises(InputError, match="no name of a hook point"):
        network.run_with_cache(tokens, names_filter=3)  # type: ignore[arg-type]
    assert all(not point._forward_hooks for point in network.hook_points.values())
