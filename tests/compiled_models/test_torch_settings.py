"""PyTorch's own settings change no token: dense arithmetic is what the proof assumes, and every setting stays."""

from __future__ import annotations

import threading
from functools import cache

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from compiled_models import run
from compiled_models.comparison import compare
from compiled_models.decoding import DenseDecoder
from compiled_models.decoding.dense import logits_after
from compiled_models.decoding.speculative import likeliest
from compiled_models.elicit.learning.fixed_networks import random_policy
from compiled_models.elicit.learning.separator import ask, learn_separator
from compiled_models.elicit.learning.shared_prompt import SharedPrompt
from compiled_models.elicit.learning.tuned import train, trainable_network
from construction import Codec, KeyValueCache, NetworkConfig, base_network, compile_machine, exact_arithmetic
from construction.classifiers.margin_machine import margin_machine
from construction.precision import _products_are_exact
from tm import InputError, Machine, library, simulate

CUBLAS, MKLDNN = torch.backends.cuda.matmul, torch.backends.mkldnn.matmul  # type: ignore[attr-defined]
PLACES = [("generic", "all"), ("cuda", "all"), ("cuda", "matmul"), ("mkldnn", "all"), ("mkldnn", "matmul")]
REDUCED = ["allow_bf16_reduced_precision_reduction", "allow_bf16_reduced_precision_reduction_split_k"]
REDUCED += [name.replace("bf16", "fp16") for name in REDUCED] + ["allow_fp16_accumulation"]


def put(backend: str, operation: str, precision: str) -> None:
    torch._C._set_fp32_precision_setter(backend, operation, precision)


def mixed() -> None:
    torch.set_float32_matmul_precision("high")
    MKLDNN.fp32_precision = "bf16"


def inherited(backend: str, precision: str):
    return lambda: put(backend, "all", precision)


def same_as_inherited() -> None:
    put("generic", "all", "tf32")
    put("cuda", "matmul", "tf32")


SETTINGS = {
    "medium": lambda: torch.set_float32_matmul_precision("medium"),
    "high": lambda: torch.set_float32_matmul_precision("high"),
    "legacy tf32": lambda: setattr(CUBLAS, "allow_tf32", True),
    "mkldnn bf16": lambda: setattr(MKLDNN, "fp32_precision", "bf16"),
    "cuda tf32": lambda: setattr(CUBLAS, "fp32_precision", "tf32"),
    "all of cuda tf32": inherited("cuda", "tf32"),
    "all of mkldnn bf16": inherited("mkldnn", "bf16"),
    "everything tf32": lambda: setattr(torch.backends, "fp32_precision", "tf32"),
    "everything bf16": lambda: setattr(torch.backends, "fp32_precision", "bf16"),
    "everything ieee": lambda: setattr(torch.backends, "fp32_precision", "ieee"),
    "as inherited": same_as_inherited,
    "mixed": mixed,
    "fp16 sums": lambda: setattr(CUBLAS, "allow_fp16_accumulation", True),
    "bf16 sums whole": lambda: setattr(CUBLAS, "allow_bf16_reduced_precision_reduction", (False, False)),
    "autocast bfloat16": lambda: _autocast(torch.bfloat16),
    "autocast float16": lambda: _autocast(torch.float16),
}


def _autocast(dtype: torch.dtype) -> None:
    torch.set_autocast_enabled("cpu", True)
    torch.set_autocast_dtype("cpu", dtype)


def reset() -> None:
    """Everything as PyTorch has it at its start."""
    torch.set_autocast_enabled("cpu", False)
    torch.set_autocast_dtype("cpu", torch.bfloat16)
    torch.set_float32_matmul_precision("highest")
    for place in PLACES:
        put(*place, "none")
    for name in ("bf16_reduced_precision_reduction", "fp16_reduced_precision_reduction"):
        setattr(CUBLAS, f"allow_{name}", True)
    CUBLAS.allow_fp16_accumulation = False


@pytest.fixture(autouse=True)
def usual():
    """Whatever a test sets is undone."""
    reset()
    yield
    reset()


def settings() -> dict[str, object]:
    """All that is set, as it reads now."""
    try:
        legacy = torch.get_float32_matmul_precision()
    except RuntimeError:
        legacy = "contradicts"
    read = {
        f"{backend} {operation}": torch._C._get_fp32_precision_getter(backend, operation)
        for backend, operation in PLACES
    }
    reduced = {name: getattr(CUBLAS, name) for name in REDUCED}
    return read | reduced | {"legacy": legacy, "autocast": torch.is_autocast_enabled("cpu")}


def in_depth() -> list[dict[str, object]]:
    """What is set, and what it becomes as each setting that others may inherit changes; it stays changed."""
    seen = [settings()]
    for place in PLACES:
        for other in ("tf32", "ieee"):
            put(*place, other)
            seen.append(settings())
    return seen


class Products(TorchDispatchMode):
    """What is set whenever two matrices are multiplied."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[dict[str, object]] = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.overloadpacket.__name__ in ("matmul", "mm", "bmm"):
            self.seen.append(settings())
        return function(*args, **(kwargs or {}))

    def require_exact(self) -> None:
        assert self.seen
        for now in self.seen:
            assert {now["cuda matmul"], now["mkldnn matmul"]} <= {"ieee", "none"}
            assert now["legacy"] == "highest"
            assert not now["autocast"]
            assert not now["allow_bf16_reduced_precision_reduction"]
            assert not now["allow_fp16_reduced_precision_reduction"]
            assert not now["allow_fp16_accumulation"]


EVERY = pytest.mark.parametrize("setting", SETTINGS)
FLOAT32 = NetworkConfig.of(states=8, symbols=4, dtype=torch.float32)


@cache
def float32_network():
    return base_network(8, 4, dtype=torch.float32)


@EVERY
def test_a_run_says_the_same_and_leaves_every_setting(setting):
    machine, network = library.load("increment"), float32_network()
    expected = list(simulate(machine, "1"))[-1]
    SETTINGS[setting]()
    before = settings()
    with Products() as products:
        result = run(
            network, machine, "1", decoder="dense", uncertified=True
        )  # who watches is not known to be harmless
    products.require_exact()
    assert settings() == before
    assert (result.reason, result.steps) == ("no rule", expected.step)
    assert "".join(result.tape) == "10"


@EVERY
def test_what_was_inherited_is_inherited_still(setting):
    SETTINGS[setting]()
    untouched = in_depth()
    reset()
    SETTINGS[setting]()
    with exact_arithmetic():
        pass
    assert in_depth() == untouched


@pytest.mark.parametrize("setting", ["mkldnn bf16", "autocast bfloat16"])  # of the CPU
def test_a_large_product(setting):
    """1,200 cells, then 100 steps: products with some 2,000 keys, in which every bit of a square counts."""
    machine, network, cells = Machine.read("on 0 -> on 1 R\non 1 -> on 0 L"), float32_network(), "01" * 600
    codec = Codec(network.config, machine)
    run = simulate(machine, cells, head=700, max_steps=100)
    steps = np.array([codec.step(now.rule) for now in run if now.rule is not None])
    prompt = codec.prompt(cells, head=700).tokens
    SETTINGS[setting]()
    with Products() as products:
        logits = [*logits_after(network, np.concatenate([prompt, steps[:-1]]), KeyValueCache(), at_a_time=64)]
    products.require_exact()
    generated = likeliest(codec.vocabulary, np.concatenate(logits)[-len(steps) :])
    assert len(steps) == 100
    assert np.array_equal(generated, steps)


@EVERY
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_products_keep_every_bit(setting, dtype):
    """A number of the form 2^k - 1 with all the bits there are, times a permutation, in products large and small."""
    value = 2 / torch.finfo(dtype).eps - 1
    SETTINGS[setting]()
    for rows, inner, columns in ((1, 64, 64), (64, 64, 64), (512, 300, 40), (700, 700, 700)):
        left = torch.full((rows, inner), value, dtype=dtype)
        right = torch.zeros(inner, columns, dtype=dtype)
        right[torch.arange(columns) % inner, torch.arange(columns)] = 1
        with exact_arithmetic(dtype=dtype):
            assert (left @ right == value).all()
            assert ((left[None] @ right[None])[0] == value).all()
            assert (right.T @ left.T).eq(value).all()


@pytest.mark.parametrize("setting", ["medium", "mixed", "all of cuda tf32", "fp16 sums", "autocast bfloat16"])
def test_no_setting_leaks_between_two_tokens(setting):
    network, machine = float32_network(), library.load("bb2")
    codec = Codec(network.config, machine)
    SETTINGS[setting]()
    before = settings()
    decoder = DenseDecoder(network, codec.vocabulary, codec.prompt())
    for _ in decoder.generate(5):
        assert settings() == before
        assert not torch.is_inference_mode_enabled()
    steps = run(network, machine, decoder="dense").trace()
    next(steps)
    assert settings() == before
    assert not torch.is_inference_mode_enabled()


def test_training_computes_exactly_and_leaks_nothing():
    policy, config = (
        random_policy(2, 2, np.random.default_rng(0)),
        NetworkConfig.of(states=2, symbols=8, dtype=torch.float32),
    )
    counts = np.array([[1, 3], [5, 5]])
    *_, expected = train(trainable_network(config, 0), policy, counts, updates=30)
    _autocast(torch.bfloat16)
    torch.set_float32_matmul_precision("medium")
    before = settings()
    with Products() as products:
        for state in train(trainable_network(config, 0), policy, counts, updates=30):
            assert settings() == before
            assert torch.is_grad_enabled()
            last = state
    products.require_exact()
    assert np.array_equal(last.probabilities, expected.probabilities)


def test_whatever_else_asks_a_network_computes_exactly():
    network, machine = float32_network(), library.load("bb3")
    codec = Codec(network.config, machine)
    margin = margin_machine(dimensions=2, examples=4, levels=3)
    _autocast(torch.bfloat16)
    torch.set_float32_matmul_precision("medium")
    before = settings()
    with Products() as products:
        assert compare(network, machine, decoder="dense").equal
        _, cache = learn_separator(margin, np.array([[2, 1], [1, 3], [-1, -1]]), np.array([1, -1, -1]))
        assert ask(margin, cache, np.array([[3, 0], [0, 3]])).tolist() == [1, -1]
        prompt = codec.prompt().tokens
        shared = SharedPrompt(network, prompt[:-1])
        rows = np.arange(network.shape.d_vocab)
        logits = shared.logits(np.ones((1, len(prompt) - 1), dtype=np.int64), prompt[None, -1:], rows)
    products.require_exact()
    assert codec.text(codec.vocabulary.best(logits[0, 0])) == "A0>1RB"
    assert settings() == before


def test_settings_come_back_after_an_exception():
    SETTINGS["mixed"]()
    before = settings()
    with pytest.raises(KeyError), exact_arithmetic():
        raise KeyError
    assert settings() == before


def test_entered_again_and_in_several_threads():
    SETTINGS["medium"]()
    before, inside, go_on, seen = settings(), threading.Event(), threading.Event(), []

    def other() -> None:
        with exact_arithmetic():
            inside.set()
            go_on.wait()
            seen.append(settings())

    thread = threading.Thread(target=other)
    with exact_arithmetic(), exact_arithmetic():
        thread.start()
        inside.wait()
    assert settings()["mkldnn matmul"] == "ieee"  # the thread is still at it
    go_on.set()
    thread.join()
    assert seen[0]["legacy"] == "highest"
    assert settings() == before


def test_settings_that_are_refused(monkeypatch):
    monkeypatch.setattr(torch, "set_float32_matmul_precision", lambda _: None)
    torch._C._set_float32_matmul_precision("medium")
    with pytest.raises(InputError, match="does not compute as the proof assumes"):
        run(float32_network(), library.load("bb2"), decoder="dense")


def test_settings_that_change_meanwhile():
    with pytest.raises(InputError, match="set while the network ran"), exact_arithmetic():
        CUBLAS.fp32_precision = "tf32"


class _Rounding(TorchDispatchMode):
    """A device that multiplies in bfloat16 whatever PyTorch is told, as an environment variable can make it."""

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if function.overloadpacket.__name__ in ("matmul", "mm", "bmm"):
            args = tuple(arg.bfloat16().to(arg.dtype) for arg in args)
        return function(*args, **(kwargs or {}))


def test_products_that_are_rounded_all_the_same_are_noticed():
    _products_are_exact.cache_clear()
    with _Rounding(), pytest.raises(InputError, match="a product that came out rounded"):
        run(float32_network(), library.load("bb2"), decoder="dense", uncertified=True)
    _products_are_exact.cache_clear()
    assert run(float32_network(), library.load("bb2"), decoder="dense").halted


def test_a_tuned_network_under_autocast():
    machine = library.load("increment")
    with torch.autocast("cpu", dtype=torch.bfloat16):
        result = run(compile_machine(machine, dtype=torch.float32), machine, "111", decoder="dense")
    assert "".join(result.tape) == "1000"
