"""A network that computes something else than its weights say: dense runs it as it is, and nothing is certified."""

from __future__ import annotations

import copy
import types

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.modules import module as every_module
from torch.nn.utils import parametrize
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode

from compiled_models import GenerationError, load, run, save
from compiled_models.decoding import DECODERS, DenseDecoder, KernelDecoder, StreamingDecoder, dense
from compiled_models.decoding.streaming import MergedCache
from compiled_models.transcript import Transcript
from construction import Codec, Transformer, base_network, compile_machine
from construction.certificate import certified_budget, certify
from construction.plain import departure
from construction.transformer import Attention, FeedForward, KeyValueCache
from tests.compiled_models.decoding import interpreted
from tm import InputError, Machine, library

MACHINE = library.load("increment")


def network():
    return base_network(states=4, symbols=4)


def quiet(*_):
    return None


class Shifted(nn.Module):
    """A parametrization that changes no weight, but could."""

    def forward(self, weight):
        return weight + 0


class OtherFeedForward(FeedForward):
    pass


def same_feed_forward(changed, kind):
    other = kind(changed.shape.d_model, changed.shape.blocks[0], dtype=changed.dtype)
    other.load_state_dict(changed.blocks[0].mlp.state_dict())
    changed.blocks[0].mlp = other


def reordered(changed):
    blocks = changed.blocks._modules
    blocks["0"] = blocks.pop("0")


def subclassed(changed):
    changed.__class__ = type("Other", (Transformer,), {})


CHANGES = {
    "forward hook": lambda n: n.blocks[2].attn.register_forward_hook(quiet),
    "forward pre-hook": lambda n: n.embed.register_forward_pre_hook(quiet),
    "backward hook": lambda n: n.blocks[1].register_full_backward_hook(quiet),
    "backward pre-hook": lambda n: n.unembed.register_full_backward_pre_hook(quiet),
    "hook on the network": lambda n: n.register_forward_hook(quiet),
    "hook on a pattern": lambda n: n.blocks[3].attn.hook_pattern.register_forward_hook(quiet),
    "hook on the stream": lambda n: n.blocks[0].hook_resid_post.register_forward_hook(quiet),
    "forward of its own": lambda n: setattr(n, "forward", types.MethodType(Transformer.forward, n)),
    "a submodule's": lambda n: setattr(n.blocks[0].mlp, "forward", n.blocks[0].mlp.forward),
    "hidden submodule": lambda n: n.blocks[0].__dict__.update(mlp=n.blocks[0].mlp),
    "compiled": lambda n: setattr(n, "_compiled_call_impl", n.forward),
    "another type": lambda n: same_feed_forward(n, OtherFeedForward),
    "subclass": subclassed,
    "identity no more": lambda n: setattr(n.blocks[2].attn, "hook_pattern", nn.Dropout(0.0)),
    "another submodule": lambda n: n.blocks[0].add_module("extra", nn.Identity()),
    "other blocks": lambda n: n.blocks.append(n.blocks[0]),
    "other order": reordered,
    "shared submodule": lambda n: setattr(n.blocks[0], "hook_resid_post", n.blocks[1].mlp),
    "parametrization": lambda n: parametrize.register_parametrization(n.embed, "W_E", Shifted()),
    "buffer": lambda n: n.blocks[0].register_buffer("mask", torch.ones(1, dtype=n.dtype)),
    "missing": lambda n: n.blocks[0].__delattr__("hook_resid_post"),
    "no shape": lambda n: setattr(n, "shape", None),
    "another number format": lambda n: setattr(n, "dtype", torch.float32),
    "weight missing": lambda n: delattr(n.blocks[1].mlp, "W_in"),
    "weight None": lambda n: setattr(n.blocks[0].attn, "W_Q", None),
    "weight too many": lambda n: n.blocks[0].register_parameter("bias", nn.Parameter(torch.ones(3))),
    "weight of another size": lambda n: setattr(n.unembed, "W_U", nn.Parameter(n.unembed.W_U[1:])),
    "weight of another format": lambda n: setattr(n.embed, "W_E", nn.Parameter(n.embed.W_E.float())),
    "weight without numbers": lambda n: setattr(n.embed, "W_pos", nn.Parameter(n.embed.W_pos.to("meta"))),
    "sparse weight": lambda n: setattr(n.embed, "W_E", nn.Parameter(n.embed.W_E.detach().to_sparse())),
    "shared block": lambda n: n.blocks.__setitem__(1, n.blocks[0]),
}


@pytest.fixture(params=CHANGES)
def changed(request):
    its = network()
    CHANGES[request.param](its)
    return its


def test_every_change_is_noticed(changed):
    reason = departure(changed)
    assert reason is not None
    assert str(reason) == f"{reason.where} is {reason.found}, expected {reason.expected}"


def test_nothing_is_certified(changed):
    for decoder in DECODERS:
        assert not certify(changed, decoder=decoder).holds
        budget = certified_budget(changed, decoder)
        assert budget.tokens == 0
        assert budget.beyond_tokens == f"frame: {departure(changed)}: {ALONE}"


ALONE = "Nothing but its weights says what a network computes: no hook, no other module."


@pytest.mark.parametrize("decoder", [None, *DECODERS])
def test_run_says_why_and_takes_no_step(changed, decoder):
    result = run(changed, MACHINE, "111", decoder=decoder)
    assert (result.reason, result.steps, result.decoder, result.halted) == ("not certified", 0, "dense", False)
    assert result.fallback == str(departure(changed))
    assert result.lemma == f"frame: {result.fallback}: {ALONE}"


@pytest.mark.parametrize("decode", [StreamingDecoder, KernelDecoder])
def test_decoders_that_see_the_weights_alone_refuse(changed, decode):
    codec = Codec(network().config, MACHINE)
    with pytest.raises(InputError, match=r"(?s)works from the weights.*a plain network"):
        decode(changed, codec.vocabulary, codec.prompt("1"))
    with pytest.raises(InputError, match="works from the weights"):
        MergedCache(changed)


@pytest.mark.parametrize("name", ["_global_forward_hooks", "_global_forward_pre_hooks", "_global_backward_hooks"])
def test_hooks_of_all_modules(name):
    register = {
        "_global_forward_hooks": every_module.register_module_forward_hook,
        "_global_forward_pre_hooks": every_module.register_module_forward_pre_hook,
        "_global_backward_hooks": every_module.register_module_full_backward_hook,
    }[name]
    its = network()
    hook = register(quiet)
    try:
        assert "every module" in str(departure(its))
        assert str(run(its, MACHINE, "1").lemma).startswith("frame: every module is given a ")
    finally:
        hook.remove()
    assert departure(its) is None
    assert run(its, MACHINE, "1").halted


@pytest.mark.parametrize("kind", [Transformer, Attention, FeedForward])
def test_a_class_whose_forward_is_replaced(monkeypatch, kind):
    its, forward = network(), kind.forward
    monkeypatch.setattr(kind, "forward", lambda self, *args, **options: forward(self, *args, **options))
    assert str(departure(its)) == f"{kind.__name__}.forward is replaced, expected the library's own"
    result = run(its, MACHINE, "11", uncertified=True)
    assert ("".join(result.tape), result.decoder) == ("100", "dense")


def _zero(original):
    return lambda *args, **options: original(*args, **options) * 0


REPLACED = [
    (Attention, "__call__", _zero(nn.Module.__call__)),
    (FeedForward, "_call_impl", _zero(nn.Module._call_impl)),
    (Attention, "W_Q", property(lambda attention: attention._parameters["W_Q"] * 0)),
    (Transformer, "__getattr__", lambda module, name: nn.Module.__getattr__(module, name)),
    (KeyValueCache, "append", lambda cache, block, keys, values: (keys, values)),
    (Transformer.__mro__[1], "__call__", nn.Module.__call__),
    (nn.Module, "_call_impl", lambda module, *args, **options: module.forward(*args, **options)),
    (nn.Identity, "__call__", lambda module, x: x),
    (nn.ModuleList, "__iter__", lambda blocks: iter([])),
]


@pytest.mark.parametrize(("kind", "name", "method"), REPLACED, ids=lambda part: getattr(part, "__name__", None))
def test_a_class_whose_methods_are_replaced(monkeypatch, kind, name, method):
    its = network()
    with monkeypatch.context() as patch:
        patch.setattr(kind, name, method, raising=False)
        assert str(departure(its)).startswith(f"{kind.__name__}.{name} is ")
        assert not certify(its).holds
        assert run(its, MACHINE, "11").fallback == str(departure(its))
    assert departure(its) is None


class _Functions(TorchFunctionMode):
    def __torch_function__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {}))


class _Dispatch(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        return function(*args, **(kwargs or {}))


@pytest.mark.parametrize("mode", [_Functions, _Dispatch])
def test_a_mode_between_pytorch_and_its_functions(mode):
    its = network()
    with mode():
        assert str(departure(its)).startswith(f"PyTorch is in the mode {mode.__name__}")
        assert run(its, MACHINE, "11").reason == "not certified"
        result = run(its, MACHINE, "11", uncertified=True)
    assert ("".join(result.tape), result.decoder) == ("100", "dense")
    with torch.device("meta"):  # a mode, too, but one that touches no tensor that says where it is
        assert run(its, MACHINE, "11").halted


def test_what_is_plain(tmp_path):
    plain = network()
    save(plain, tmp_path / "base.safetensors")
    trained = compile_machine(MACHINE)
    trained.get_parameter("blocks.0.mlp.W_in").register_hook(quiet)
    vars(trained)["note"] = "an attribute that hides nothing"
    trained.requires_grad_(False).eval()
    for its in (plain, copy.deepcopy(plain), load(tmp_path / "base.safetensors"), trained, base_network(2, 2, 3)):
        assert departure(its) is None
        assert certify(its).holds
    hooked = network()
    hook = hooked.blocks[0].attn.register_forward_hook(quiet)
    assert departure(hooked) is not None
    hook.remove()
    assert departure(hooked) is None
    assert run(hooked, MACHINE, "1").decoder == "streaming"


@pytest.mark.parametrize("decoder", [None, *DECODERS])
@pytest.mark.parametrize("place", ["blocks.2.attn.hook_pattern", "blocks.3.hook_resid_post", "blocks.2.attn"])
def test_a_hook_is_called_and_the_result_is_its_own_traces(place, decoder):
    its, calls = network(), []

    def away(_module, _inputs, output):
        calls.append(output.shape)
        return output * 0 if place == "blocks.2.attn.hook_pattern" else None

    its.get_submodule(place).register_forward_hook(away)
    result = run(its, MACHINE, "1011", decoder=decoder, uncertified=True, max_steps=20)
    assert len(calls) >= result.steps > 0
    assert result.decoder == "dense"
    assert place in str(result.fallback)
    *_, last = result.trace()
    assert last.after.state == result.state
    assert last.after.heads == (result.head,)
    assert list(last.after.tapes[0][1]) == result.tape
    expected = "".join(run(network(), MACHINE, "1011").tape)
    assert ("".join(result.tape) == expected) == (place != "blocks.2.attn.hook_pattern")


def test_draws_close_to_a_boundary_are_the_changed_networks_own(monkeypatch):
    machine, its = library.load("gambler"), base_network(states=8, symbols=8)
    assert machine.stochastic
    expected = run(its, machine, "<.....>", head=3, seed=0, max_steps=40, decoder="dense")
    monkeypatch.setattr(dense, "edge", lambda *_: 1.0)
    its.get_submodule("blocks.3.attn.hook_pattern").register_forward_hook(quiet)
    result = run(its, machine, "<.....>", head=3, seed=0, max_steps=40, uncertified=True)
    assert (result.tape, result.head, result.steps) == (expected.tape, expected.head, expected.steps)


def test_a_trace_leaves_no_hook_behind():
    its = network()
    steps = run(its, MACHINE, "1").trace()
    for _ in steps:
        assert departure(its) is None


def test_a_network_without_a_pattern_has_no_trace():
    its = network()
    its.blocks[2].attn = Plainer(its.blocks[2].attn)
    result = run(its, MACHINE, "1", uncertified=True)
    assert "".join(result.tape) == "10"
    with pytest.raises(InputError, match="no attention to watch"):
        next(result.trace())


class Plainer(nn.Module):
    """Attention by another implementation."""

    def __init__(self, attention):
        super().__init__()
        self.weights = [attention.W_Q, attention.W_K, attention.W_V, attention.W_O]

    def forward(self, x, block, cache):
        W_Q, W_K, W_V, W_O = self.weights
        x = x.unsqueeze(1)
        keys, values = cache.append(block, x @ W_K, x @ W_V)
        scores = (x @ W_Q) @ keys.transpose(-1, -2)
        future = torch.ones(scores.shape[-2:], dtype=torch.bool).triu(1 + scores.shape[-1] - scores.shape[-2])
        return (scores.masked_fill(future, -torch.inf).softmax(-1) @ values @ W_O).sum(1)


def test_dense_needs_no_plain_network():
    its = network()
    its.blocks[0].attn.register_forward_hook(quiet)
    codec = Codec(its.config, MACHINE)
    decoder = DenseDecoder(its, codec.vocabulary, codec.prompt("1"))
    assert codec.text(next(decoder.generate(1))[0]) == "right/1>1/R/right"


NAMELESS = {"next": ("right", 0, 7, "state 7"), "write 1": ("1", 2, 3, "symbol 3")}
"""Of a field: what the first step of `increment` says there, its slot, and one that only the network has."""


@pytest.mark.parametrize("part", NAMELESS)
@pytest.mark.parametrize("decoder", DECODERS)
def test_a_step_to_what_the_machine_has_no_name_for_is_one_error(monkeypatch, decoder, part):
    interpreted.use(monkeypatch)
    name, slot, other, said = NAMELESS[part]
    network = base_network(states=8, symbols=4, code="factored")
    machine = Codec(network.config, MACHINE).machine
    assert (machine.states if part == "next" else machine.symbols)[slot] == name
    rows = range(*Codec(network.config, MACHINE).vocabulary["STEP"][part].rows.indices(10**6))
    with torch.no_grad():
        network.unembed.W_U[:, [rows[slot], rows[other]]] = network.unembed.W_U[:, [rows[other], rows[slot]]]
    with pytest.raises(GenerationError, match=rf"after 0 steps the network generated .*\({said}\).*no such"):
        run(network, MACHINE, "11", uncertified=True, decoder=decoder)


@pytest.mark.parametrize("code", ["joint", "factored"])
@pytest.mark.parametrize(("rule", "said"), [("a x -> d _ R", "state 3"), ("a x -> b z R", "symbol 2")])
def test_and_is_named_wherever_it_stands(code, rule, said):
    """Among several steps absorbed at once; what is well known before it, and after it, is fine."""
    config = base_network(states=4, symbols=4, code=code).config
    whole = Machine.parse(f"a _ -> b x R\nb _ -> a _ L\nb x -> c x R\n{rule}")
    wide, narrow = Codec(config, whole), Codec(config, Machine.parse("a _ -> b x R\nb _ -> c x R"))
    good, back, _, bad = (wide.step(one) for one in whole.rules)
    transcript = Transcript(narrow, "")
    transcript.absorb(np.array([good, back]))
    assert (transcript.steps, transcript.state) == (2, "a")
    with pytest.raises(GenerationError, match=rf"after 4 steps .*\({said}\)"):
        transcript.absorb(np.array([good, back, bad]))
