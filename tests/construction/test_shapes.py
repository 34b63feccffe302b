"""The shapes in the transformer's signatures, checked at every call of a copy of the module that beartype looks after.

A copy, since the checks make a short forward pass several times as slow: the tests that generate whole runs do without.
"""

import importlib
import sys

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError, install_import_hook

import construction.transformer
from construction import Codec, base_network
from tm import Machine


def with_shapes_checked():
    """The module `construction.transformer`, loaded once more with every signature checked."""
    with install_import_hook("construction.transformer", "beartype.beartype"):
        plain = sys.modules.pop("construction.transformer")
        try:
            return importlib.import_module("construction.transformer")
        finally:
            sys.modules["construction.transformer"] = construction.transformer = plain


checked = with_shapes_checked()


def network_with_shapes_checked(**capacity):
    """A base network, and the same weights in a transformer whose shapes are checked."""
    network = base_network(**capacity)
    blocks = tuple(checked.BlockShape(block.heads, block.d_head, block.d_mlp) for block in network.shape.blocks)
    shape = checked.Shape(network.shape.d_vocab, network.shape.d_model, blocks)
    other = checked.Transformer(shape, dtype=network.dtype, config=network.config)
    other.load_state_dict(network.state_dict())
    return network, other


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.bfloat16])
@pytest.mark.parametrize("tapes", [1, 2])
def test_every_tensor_has_the_shape_that_its_signature_says(dtype, tapes):
    machine = Machine.read("1RB1LB_1LA1RZ") if tapes == 1 else Machine.read("tapes: 2\na _,_ -> b 1,1 R,S")
    network, other = network_with_shapes_checked(states=4, symbols=2, tapes=tapes, dtype=dtype)
    tokens = torch.from_numpy(np.stack([Codec(network.config, machine).prompt().tokens] * 2))  # [b p w], b = 2
    cache = checked.KeyValueCache()
    chunks = [other(tokens[:, :3], cache), other(tokens[:, 3:], cache, logits_from=0)]
    torch.testing.assert_close(torch.cat(chunks, 1), network(tokens), rtol=0, atol=0 if dtype == torch.float64 else 1)
    assert other(tokens, logits_from=-1).shape == (2, 1, network.shape.d_vocab)


def test_everyone_else_has_the_plain_module():
    assert type(base_network(2, 2)) is construction.transformer.Transformer is not checked.Transformer


def test_a_wrong_shape_is_caught():
    _, other = network_with_shapes_checked(states=2, symbols=2)
    block, cache = other.blocks[0], checked.KeyValueCache()
    stream = torch.zeros(1, 5, other.shape.d_model, dtype=other.dtype)
    assert block(stream, 0, cache).shape == stream.shape
    for wrong in (stream[0], stream.long(), stream.numpy()):
        with pytest.raises(TypeCheckError):
            block(wrong, 0, checked.KeyValueCache())
    with pytest.raises(TypeCheckError):  # keys and values of unlike heads
        cache.append(1, torch.zeros(1, 2, 3, 4), torch.zeros(1, 1, 3, 4))
    with pytest.raises(TypeCheckError):  # tokens are row numbers
        other(torch.zeros(1, 3, 2, dtype=other.dtype))
