"""The architecture is plain, and what it computes is what its definition says."""

from __future__ import annotations

import ast
import inspect

import numpy as np
import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode

from construction import KeyValueCache, Shape, Transformer, base_network, compile_machine, transformer
from construction.activations import HookPoints
from construction.transformer import BlockShape
from tm import library

KINDS = ["base", "tuned"]


def random_transformer(seed: int, dtype: torch.dtype = torch.float64) -> Transformer:
    shape = Shape(d_vocab=7, d_model=6, blocks=(BlockShape(2, 3, 4), BlockShape(1, 2, 0), BlockShape(3, 1, 5)))
    network = Transformer(shape, dtype=dtype)
    random = torch.Generator().manual_seed(seed)
    for weight in network.parameters():
        weight.data.normal_(std=0.3, generator=random)
    network.embed.W_E.data[0] = 0
    return network


def by_hand(network: Transformer, tokens: np.ndarray) -> np.ndarray:
    """The definition, position by position and head by head, in plain loops: the slow oracle."""
    weights = {name: weight.detach().numpy() for name, weight in network.named_parameters()}
    embedded = [
        sum(weights["embed.W_E"][row] for row in token) + (t + 1) * weights["embed.W_pos"][0]
        for t, token in enumerate(tokens)
    ]
    stream = np.array(embedded)
    for i, block in enumerate(network.shape.blocks):
        attn, mlp = f"blocks.{i}.attn.", f"blocks.{i}.mlp."
        written = np.zeros_like(stream)
        for head in range(block.heads):
            q, k, v = (stream @ weights[attn + name][head] for name in ("W_Q", "W_K", "W_V"))
            for t in range(len(tokens)):
                scores = np.exp([q[t] @ k[s] for s in range(t + 1)])
                written[t] += (scores / scores.sum()) @ v[: t + 1] @ weights[attn + "W_O"][head]
        stream = stream + written
        gate, linear = stream @ weights[mlp + "W_gate"], stream @ weights[mlp + "W_in"]
        stream = stream + (np.maximum(gate, 0) * linear) @ weights[mlp + "W_out"]
    return stream @ weights["unembed.W_U"]


@pytest.mark.parametrize("seed", range(5))
def test_forward_is_the_definition(seed):
    network = random_transformer(seed)
    tokens = np.random.default_rng(seed).integers(0, 7, (9, 2))
    logits = network(torch.from_numpy(tokens)[None])[0].detach().numpy()
    np.testing.assert_allclose(logits, by_hand(network, tokens), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("split", [1, 4, 8])
def test_the_cache_changes_nothing(split):
    network = random_transformer(3)
    tokens = torch.randint(0, 7, (2, 9, 2), generator=torch.Generator().manual_seed(1))
    whole, cache = network(tokens), KeyValueCache()
    parts = [network(tokens[:, :split], cache), network(tokens[:, split:], cache)]
    torch.testing.assert_close(torch.cat(parts, 1), whole)
    assert cache.length == 9


def test_a_long_cache_grows():
    network, cache = random_transformer(2), KeyValueCache()
    tokens = torch.randint(0, 7, (1, 200, 2), generator=torch.Generator().manual_seed(1))
    steps = [network(tokens[:, i : i + 1], cache)[0, 0] for i in range(200)]
    torch.testing.assert_close(torch.stack(steps), network(tokens)[0])


def test_logits_only_where_they_are_asked_for():
    network, tokens = random_transformer(1), torch.ones(1, 5, 2, dtype=torch.int64)
    torch.testing.assert_close(network(tokens, logits_from=-1)[0], network(tokens)[0, -1:])
    assert network(tokens, logits_from=3).shape == (1, 2, 7)


@pytest.mark.parametrize("network", [base_network(4, 3, 2), compile_machine(library.load("increment"))], ids=KINDS)
def test_the_modules_are_a_transformers_own(network):
    plain = {"Embedding", "Unembedding", "Block", "Attention", "FeedForward", "Transformer", "ModuleList", "Identity"}
    assert {type(module).__name__ for module in network.modules()} == plain
    for module in network.modules():
        assert type(module).__module__ in (
            "construction.transformer",
            *(cls.__module__ for cls in nn.Module.__mro__),
        ) or (type(module).__module__.startswith("torch.nn.modules"))
        assert not module._forward_hooks
        assert not module._forward_pre_hooks


class _Operations(TorchDispatchMode):
    """Records the name of every tensor operation, wherever in Python it is called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.add(function.overloadpacket.__name__)
        return function(*args, **(kwargs or {}))


PRODUCTS = {"mm", "bmm", "addmm", "mul", "add", "sum"}
ATTENTION = {"_softmax", "transpose", "triu", "masked_fill"}
FEED_FORWARD = {"relu"}
EMBEDDING = {"index", "arange"}
STORAGE = {"unsqueeze", "squeeze", "expand", "view", "_unsafe_view", "clone", "detach", "_to_copy", "slice", "select"}
STORAGE |= {"copy_", "new_zeros", "zeros", "ones", "permute", "t", "reshape", "alias", "unbind"}


@pytest.mark.parametrize("network", [base_network(4, 3, 2), compile_machine(library.load("increment"))], ids=KINDS)
def test_every_operation_is_a_transformers_own(network):
    """No comparison, no look at a number from Python (that would be `item`): what runs, not what is written."""
    tokens = torch.randint(0, network.shape.d_vocab, (1, 9, 4), generator=torch.Generator().manual_seed(1))
    cache = KeyValueCache()
    with _Operations() as seen, torch.no_grad():
        network(tokens, cache)
        network(tokens[:, :1], cache)
    assert seen.names <= PRODUCTS | ATTENTION | FEED_FORWARD | EMBEDDING | STORAGE
    assert {"_softmax", "relu"} <= seen.names


def test_the_dispatch_sees_a_comparison_and_a_look_at_a_number():
    with _Operations() as seen:
        x = torch.ones(3)
        bool((x > 2).any())
    assert {"gt", "_local_scalar_dense"} <= seen.names


def test_the_architecture_branches_on_sizes_alone():
    tree = ast.parse(inspect.getsource(transformer))
    for node in ast.walk(tree):
        assert not isinstance(node, ast.While | ast.Try | ast.Lambda)
        if isinstance(node, ast.If | ast.IfExp):
            condition = ast.unparse(node.test)
            assert any(word in condition for word in ("shape", "is None", "is not None", "dtype")), condition


def test_the_imports_of_the_architecture_are_torch_its_sizes_and_its_hook_points_alone():
    tree = ast.parse(inspect.getsource(transformer))
    modules = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    own = {
        "construction.activations": {"HookPoints", "INTEGERS"},
        "construction.member": {"Point", "Weight"},
        "construction.network": {"Network"},
        "construction.shape": {"BlockShape", "Shape"},
    }
    assert modules == {"__future__", "collections.abc", "jaxtyping", "typing", "torch", *own}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module in own:
            assert {name.name for name in node.names} == own[node.module]


def test_what_the_hook_points_add_is_not_in_the_way_of_a_forward_pass():
    """No method of a module that PyTorch calls in a forward pass is theirs."""
    called = {"forward", "__call__", "_call_impl", "_wrapped_call_impl", "__getattr__", "__getattribute__"}
    assert not called & vars(HookPoints).keys()


@pytest.mark.parametrize(
    ("tokens", "found"),
    [
        ([[[1, 2]]], "list of shape"),
        (None, "NoneType of shape"),
        (np.zeros((1, 2, 3), int), "int64 of shape"),
        (torch.zeros(1, 2, 3), "torch.float32 of shape"),
        (torch.zeros(1, 2, 3, dtype=torch.bool), "torch.bool of shape"),
        (torch.zeros(1, 2, 3, dtype=torch.complex64), "torch.complex64 of shape"),
        (torch.zeros(2, 3, dtype=torch.long), "torch.int64 of shape"),
    ],
)
def test_what_is_no_batch_of_tokens_is_told(tokens, found):
    with pytest.raises(ValueError, match=rf"tokens are a tensor of integers \[batch, positions, fields\].*{found}"):
        base_network(2, 2)(tokens)
    with pytest.raises(ValueError, match=rf"tokens are a tensor of integers \[batch, positions, fields\].*{found}"):
        base_network(2, 2).run_with_cache(tokens)


@pytest.mark.parametrize("cast", ["float", "half", "bfloat16"])
def test_a_cast_is_refused(cast):
    network = base_network(2, 2)
    with pytest.raises(TypeError, match="cannot be cast"):
        getattr(network, cast)()
    with pytest.raises(TypeError, match="cannot be cast"):
        network.blocks.to(torch.float32)
    assert network.double() is network
    assert network.to("cpu") is network


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device on this machine")
def test_cuda_says_the_same():
    network = random_transformer(4)
    tokens = torch.randint(0, 7, (1, 50, 2), generator=torch.Generator().manual_seed(1))
    here = network(tokens)
    there = network.to("cuda")(tokens.to("cuda")).cpu()
    torch.testing.assert_close(there, here, rtol=1e-9, atol=1e-9)
