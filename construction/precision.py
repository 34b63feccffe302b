"""Exact arithmetic: products in the number format that the proof speaks of, whatever PyTorch has been told.

PyTorch has switches, for the whole process, by which a float32 product may be taken with the 11 bits of TF32 or the 8
of bfloat16: `torch.set_float32_matmul_precision`, `fp32_precision` and `allow_tf32` of its backends, `torch.autocast`.
They are off while this library computes, and what they were before as soon as it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from threading import Lock

import torch

from tm import InputError, Problem

__all__ = ["exact_arithmetic"]

PRODUCTS = (("cuda", "matmul"), ("mkldnn", "matmul"))  # whose precision counts; mkldnn is the CPU's
EXACT = ("ieee", "none")  # "none": nobody has asked for less
AUTOCAST = ("cpu", "cuda")
REDUCTIONS = (  # of CUDA's products: sums in fewer bits than their terms' products have
    "allow_bf16_reduced_precision_reduction",
    "allow_fp16_reduced_precision_reduction",
    "allow_fp16_accumulation",
)
SIDE = 96  # of the matrices that are multiplied to see: large enough that every product is shared out in blocks

_precision, _set_precision = torch._C._get_fp32_precision_getter, torch._C._set_fp32_precision_setter
_cublas = torch.backends.cuda.matmul


@contextmanager
def exact_arithmetic(device: torch.device | str = "cpu", dtype: torch.dtype = torch.float32) -> Iterator[None]:
    """Products with all the bits of their number format while this is entered; then every setting is as it was.

    The settings belong to the process, so other threads compute exactly too, meanwhile (autocast is a thread's own).
    It may be entered again inside, and in several threads at once.

    Args:
        device: where the products are taken.
        dtype: their number format.

    Raises:
        InputError: where PyTorch does not take the settings, where they were changed meanwhile, or where a product on
            this device is not exact in spite of them (an environment variable can do that).

    >>> torch.set_float32_matmul_precision("medium")
    >>> with exact_arithmetic():
    ...     torch.get_float32_matmul_precision()
    'highest'
    >>> torch.get_float32_matmul_precision()
    'medium'
    >>> torch.set_float32_matmul_precision("highest")
    """
    casts = [kind for kind in AUTOCAST if torch.is_autocast_enabled(kind)]
    for kind in casts:
        torch.set_autocast_enabled(kind, False)
    try:
        with _SETTINGS:
            if not _products_are_exact(torch.device(device), dtype):
                raise _untrusted("a product that came out rounded, with every setting right")
            yield
    finally:
        for kind in casts:
            torch.set_autocast_enabled(kind, True)


class _ExactSettings:
    """The settings of the process: made exact by the first who enters, and put back by the last who leaves."""

    def __init__(self) -> None:
        self._lock, self._inside = Lock(), 0
        self._undo: list[Callable[[], object]] = []

    def __enter__(self) -> None:
        with self._lock:
            try:
                if not _all_exact():
                    self._make_exact()
            except RuntimeError as error:
                self._put_back()
                raise _untrusted(str(error).split(".")[0]) from error
            self._inside += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._lock:
            exact = _full_precision()
            self._inside -= 1
            self._put_back()
        if not exact and kind is None:
            raise _untrusted("others, set while the network ran")

    def _make_exact(self) -> None:
        if self._inside:  # they were exact, and others have set them since
            raise RuntimeError("others")
        for name in filter(_allowed, REDUCTIONS):
            split = getattr(_cublas, f"{name}_split_k", None)
            self._undo.append(partial(setattr, _cublas, name, True if split is None else (True, split)))
            setattr(_cublas, name, False if split is None else (False, split))
        if not _full_precision():
            own = {product: _own(*product) for product in PRODUCTS}
            self._undo += [partial(_set_precision, *product, setting) for product, setting in own.items()]
            for product in PRODUCTS:
                _set_precision(*product, "ieee")  # or the older switch might not be read
            self._undo.insert(0, partial(torch.set_float32_matmul_precision, torch.get_float32_matmul_precision()))
            torch.set_float32_matmul_precision("highest")  # and the newer switch of both products with it
        if not _all_exact():
            raise RuntimeError("others")

    def _put_back(self) -> None:
        if not self._inside:
            for undo in self._undo:
                undo()
            self._undo.clear()


_SETTINGS = _ExactSettings()


def _allowed(reduction: str) -> bool:
    return bool(getattr(_cublas, reduction, False))


def _all_exact() -> bool:
    return _full_precision() and not any(map(_allowed, REDUCTIONS))


def _full_precision() -> bool:
    """Whether PyTorch is told nothing by which it would round the factors of a float32 product."""
    try:
        highest = torch.get_float32_matmul_precision() == "highest"
    except RuntimeError:  # the older switch and the newer one contradict each other
        return False
    return highest and all(_precision(*product) in EXACT for product in PRODUCTS)


def _own(backend: str, operation: str) -> str:
    """A setting itself: where it is "none", PyTorch answers with that of its backend, or with the general one.

    It is "none" if what is read follows what it inherits from.
    """
    if (backend, operation) == ("generic", "all"):
        return _precision(backend, operation)
    parent = ("generic", "all") if operation == "all" else (backend, "all")
    setting, before, answers = _precision(backend, operation), _own(*parent), set()
    try:
        for other in ("ieee", "tf32"):
            _set_precision(*parent, other)
            answers.add(_precision(backend, operation))
    finally:
        _set_precision(*parent, before)
    return setting if len(answers) == 1 else "none"


@cache
def _products_are_exact(device: torch.device, dtype: torch.dtype) -> bool:
    """Whether a number that takes all the bits of its format survives a product with the unit matrix, on either side.

    Every other term of those sums is 0, so any order of them is exact.
    """
    full = torch.full((SIDE, SIDE), 2 / torch.finfo(dtype).eps - 1, dtype=dtype, device=device)
    unit = torch.eye(SIDE, dtype=dtype, device=device)
    products = (full @ unit, unit @ full, full[:1] @ unit, (full[None] @ unit[None])[0])
    return all(bool((product == full[: len(product)]).all()) for product in products)


def _untrusted(found: str) -> InputError:
    hint = "let PyTorch, and the environment variables that it heeds, ask for no less than full precision"
    return InputError(Problem("PyTorch does not compute as the proof assumes", "exact settings", found, hint))
