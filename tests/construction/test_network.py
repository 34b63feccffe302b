"""A network as numbers alone and as PyTorch's module: one network, whatever is said or made of it."""

from __future__ import annotations

import pickle
import struct
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction
from random import Random

import numpy as np
import pytest
import torch
from torch.nn.modules.module import register_module_forward_hook
from torch.overrides import TorchFunctionMode

from compiled_models import assert_emulates, changed_weights, fingerprint, run
from compiled_models.decoding.kernels.source import commented_source
from construction import NetworkConfig, Weights, construct, construct_weights, machine_vocabulary, module_of
from construction.certificate import certify, read_frame
from construction.network import kinds_of, tensors_of
from construction.number_format import FORMATS, Constants, format_name, itemsize, rounded
from construction.plain import departure
from construction.transformer import FeedForward
from construction.tuned_network import tuned_to
from tests.machines import random_machine
from tm import Machine

CONFIGS = [
    NetworkConfig.of(states=4, symbols=3, dtype=dtype, tapes=tapes, code="factored")
    for dtype in FORMATS
    for tapes in (1, 2)
]
EVERY_CONFIG = pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.tapes} {c.number_format}")


@EVERY_CONFIG
@pytest.mark.parametrize("tuned", [False, True])
def test_numbers_and_module_are_one_network(config, tuned):
    if tuned:
        config = tuned_to(config, random_machine(Random(1), tapes=config.tapes))
    weights, network = construct_weights(config), construct(config)
    assert fingerprint(weights) == fingerprint(network) == fingerprint(module_of(weights))
    assert kinds_of(weights) == kinds_of(network)
    assert not changed_weights(weights, network)
    assert departure(weights) is None
    for decoder in ("dense", "streaming", "kernels"):
        if decoder == "dense" or config.number_format != "bfloat16":
            assert certify(weights, decoder=decoder) == certify(network, decoder=decoder)
    names = ("shape", "number_format", "config", "block_names")
    assert [getattr(weights, name) for name in names] == [getattr(network, name) for name in names]


@EVERY_CONFIG
def test_numbers_that_were_changed_are_hashed_and_checked_as_the_module_has_them(config):
    """Whatever is written into numbers alone, also what their number format does not have."""
    for number in (0.1, 1 + 2.0**-9, 1 - 2.0**-9, 1 + 2.0**-20, 1 + 2.0**-30, -np.inf):
        weights = construct_weights(config)
        weights.tensors["embed.W_E"][1, 0] = number
        network = module_of(weights)
        assert fingerprint(weights) == fingerprint(network)
        assert str(read_frame(weights)) == str(read_frame(network))
        assert not changed_weights(weights, network)


@pytest.mark.parametrize("config", CONFIGS[:4], ids=lambda c: f"{c.tapes} {c.number_format}")
@pytest.mark.parametrize("changed", ["hook", "mode", "method"])
def test_numbers_that_pytorch_computes_with_are_certified_only_as_it_computes(config, changed, monkeypatch):
    class Mode(TorchFunctionMode):
        def __torch_function__(self, func, types, args=(), kwargs=None):
            return func(*args, **(kwargs or {}))

    weights, machine = construct_weights(config), Machine.read("1RB1LB_1LA1RZ")
    assert run(weights, machine, decoder="dense", max_steps=3).steps > 0
    with ExitStack() as undo:
        if changed == "hook":
            undo.callback(register_module_forward_hook(lambda module, inputs, output: None).remove)
        elif changed == "mode":
            undo.enter_context(Mode())
        else:
            own = FeedForward.forward
            monkeypatch.setattr(FeedForward, "forward", lambda self, x: own(self, x))
        for network in (weights, module_of(weights)):
            result = run(network, machine, decoder="dense")
            assert result.steps == 0
            assert str(result.lemma).startswith("frame: ")


@pytest.mark.parametrize("decoder", [None, "streaming", "dense"])
def test_a_run_on_numbers_is_a_run_on_the_module(decoder):
    config, machine = NetworkConfig.of(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ")
    results = [run(network, machine, decoder=decoder) for network in (construct_weights(config), construct(config))]
    ends = [(result.verdict, result.tape, result.decoder, list(result.trace())) for result in results]
    assert ends[0] == ends[1]


def test_a_kernel_is_made_of_the_numbers():
    config = NetworkConfig.of(states=4, symbols=2)
    vocabulary = machine_vocabulary(4, 2, 1, config.code)
    of_numbers, of_module = (
        commented_source(network, vocabulary, vocabulary.token("STOP"))
        for network in (construct_weights(config), construct(config))
    )
    assert of_numbers == of_module


def test_a_module_of_numbers_is_as_one_that_was_built():
    config = NetworkConfig.of(states=4, symbols=2)
    weights = construct_weights(config)
    module = module_of(weights)
    assert departure(module) is None
    assert_emulates(module, Machine.read("1RB1LB_1LA1RZ"), [""])
    with torch.no_grad():
        module.embed.W_E[1, 0] = 2  # the memory is the same
    assert changed_weights(weights, module) == []
    (violation,) = read_frame(weights).violations
    assert str(violation).startswith("embed.W_E BOS -> one is 2, expected 1")
    with pytest.raises(TypeError, match="found a Linear"):
        module_of(torch.nn.Linear(1, 1))  # type: ignore[arg-type]


def test_wrong_numbers_are_named():
    weights = construct_weights(NetworkConfig.of(states=3, symbols=2))
    weights.tensors["unembed.W_U"][2, 1] = np.nan
    frame = read_frame(weights)
    assert frame.count == 1
    assert "is nan, expected" in str(frame.violations[0])
    result = run(weights, Machine.read("1RB1LB_1LA1RZ"))
    assert (result.reason, result.steps) == ("not certified", 0)


@pytest.mark.parametrize("wrong", ["size", "name", "missing", "format"])
def test_numbers_that_make_up_no_network(wrong):
    weights = construct_weights(NetworkConfig.of(states=3, symbols=2))
    tensors = dict(weights.tensors)
    last = tensors.pop("unembed.W_U")
    changed = {"size": {"unembed.W_U": last[1:]}, "name": {"W_U": last}, "missing": {}}
    tensors |= changed.get(wrong, {"unembed.W_U": last.astype(np.float32)})
    with pytest.raises(ValueError, match="by the names and sizes that it has"):
        Weights(shape=weights.shape, number_format="float64", tensors=tensors)


def test_tensors_that_numpy_does_not_have():
    weight = torch.nn.Linear(3, 2, dtype=torch.bfloat16)
    tensor = tensors_of(weight)["weight"]
    assert (tensor.kind, tensor.array.dtype.name) == ("(2, 3) torch.bfloat16", "float32")
    assert tensor.memory.tobytes() == weight.weight.detach().view(torch.uint8).numpy().tobytes()


@pytest.mark.parametrize("name", FORMATS)
def test_numbers_are_rounded_as_pytorch_does(name):
    random = Random(0)
    bits = [struct.unpack("d", random.getrandbits(64).to_bytes(8, "little"))[0] for _ in range(2_000)]
    near = [float(Fraction(random.randint(1, 99), random.randint(1, 99))) for _ in range(2_000)]
    ties = [1 + n * 2.0**-9 for n in range(64)] + [2.0**-133 * n for n in range(9)]
    for number in [*bits, *near, *ties, 0.0, -0.0, float("inf"), 3.4e38, 3.3961776e38]:
        expected = float(torch.tensor(number, dtype=torch.float64).to(FORMATS[name]))
        assert struct.pack("d", rounded(number, name)) == struct.pack("d", expected) or number != number, number


def test_number_formats_by_name_and_as_pytorchs():
    assert len(FORMATS) == len(list(FORMATS)) == 3
    assert "float16" not in FORMATS
    with pytest.raises(KeyError):
        FORMATS["float16"]
    for name, dtype in FORMATS.items():
        assert (format_name(dtype), format_name(name), itemsize(name)) == (name, name, dtype.itemsize)
        assert Constants.of(dtype) == Constants.of(name)


def test_a_configuration_is_the_same_however_its_number_format_is_given():
    one, other = (NetworkConfig.of(states=3, symbols=2, dtype=dtype) for dtype in ("float32", torch.float32))
    assert (one, hash(one), repr(one)) == (other, hash(other), repr(other))
    assert (one.dtype, one.number_format) == (torch.float32, "float32")
    assert one != NetworkConfig.of(states=3, symbols=2)
    assert one != 3
    assert replace(one, states=4) == NetworkConfig.of(states=4, symbols=2, dtype=torch.float32)
    assert pickle.loads(pickle.dumps(one)) == one  # noqa: S301
    with pytest.raises(TypeError, match="dtype"):
        NetworkConfig(states=3, symbols=2, tapes=1, code="joint")
    for wrong in ("float16", torch.float16, 3):
        with pytest.raises(ValueError, match=f"dtype is {wrong!r}, expected torch.float64"):
            NetworkConfig.of(states=3, symbols=2, dtype=wrong)  # type: ignore[arg-type]
