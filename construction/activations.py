"""What a network computes on the way: every activation by its TransformerLens name, read or changed.

The transformer passes each activation through an `nn.Identity` called `hook_...`; here they get names, shapes and a
meaning. Names and shapes are those of TransformerLens: queries, keys, values and z are [batch, position, head, channel]
for whoever looks at them here, while the module itself has the heads before the positions.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from construction.network_card import network_card
from construction.number_format import Constants
from construction.residual import ResidualStream
from tm.errors import InputError, Problem

__all__ = ["INTEGERS", "ActivationCache", "HookPoint", "HookPoints", "UnknownActivation"]

Names = str | Iterable[str] | Callable[[str], bool] | None
"""Which hook points are meant: one by its name, several, those of which a function says so, or all."""

INTEGERS = (torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64)
"""What row numbers of the vocabulary can be: truth values, say, would be taken for a mask."""
HEADS_FIRST = ("hook_q", "hook_k", "hook_v", "hook_z")  # of which the module has the heads before the positions
OF_ATTENTION = ("q", "k", "v", "z", "attn_scores", "pattern")
OF_FEED_FORWARD = ("pre", "pre_linear", "post")
IN_THE_STREAM = ("embed", "pos_embed", "resid_pre", "resid_mid", "resid_post", "attn_out", "mlp_out")


class UnknownActivation(InputError, KeyError):
    """No activation, or no direction, has this name."""

    __str__ = InputError.__str__


@dataclass(frozen=True, slots=True)
class HookPoint:
    """Where a hook is called: the name of the activation."""

    name: str

    def layer(self) -> int | None:
        """The number of its block; None outside the blocks."""
        return int(self.name.split(".")[1]) if self.name.startswith("blocks.") else None


Hook = Callable[..., Tensor | None]
"""Called as `hook(activation, hook=HookPoint(...))`; what it returns, if anything, takes the activation's place."""


class ActivationCache(Mapping[str, Tensor]):
    """The activations of one forward pass, by name: `cache["blocks.2.attn.hook_pattern"]`, or `cache["pattern", 2]`.

    Args:
        activations: by name.
        stream: the named directions of the residual stream, for `residual`; None where nobody knows them.
    """

    def __init__(self, activations: Mapping[str, Tensor], stream: ResidualStream | None = None) -> None:
        self._activations, self._stream = dict(activations), stream

    def __getitem__(self, name: str | tuple[str, int]) -> Tensor:
        full: object = _full_name(*name) if isinstance(name, tuple) and 1 <= len(name) <= 2 else name
        if not isinstance(full, str) or full not in self._activations:
            raise _unknown("activation", full, self._activations)
        return self._activations[full]

    def __iter__(self) -> Iterator[str]:
        return iter(self._activations)

    def __len__(self) -> int:
        return len(self._activations)

    def __repr__(self) -> str:
        return f"ActivationCache({', '.join(self)})"

    def residual(self, name: str, at: str | tuple[str, int] | None = None) -> Tensor:
        """The part of the residual stream along a named direction [b p], or along each of a space's directions [b p n].

        A position is kept in the stream as p + M, since adding M rounds it; here it is p. M is the format's, also
        where somebody has changed the weights that add it.

        Args:
            name: a direction, such as "head 1" or "state[3]", or a space with several of them, such as "state".
            at: the activation, in the residual stream or added to it; None: the stream after the last block.

        Raises:
            UnknownActivation: for a name that is none.
            InputError: for an activation that is not in the residual stream, or a stream without names.

        >>> import torch
        >>> from construction import Codec, base_network
        >>> from tm import Machine
        >>> network, machine = base_network(states=3, symbols=2), Machine.read("1RB1LB_1LA1RZ")
        >>> tokens = torch.from_numpy(Codec(network.config, machine).prompt("", head=2).tokens)[None]
        >>> _, cache = network.run_with_cache(tokens)
        >>> cache.residual("head 1")[0].tolist()
        [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 2.0]
        """
        if self._stream is None:
            raise InputError(Problem("this network's residual stream has no names", hint="take its columns by number"))
        if at is None:
            at = max((key for key in self if key.endswith("hook_resid_post")), default="hook_resid_post", key=_block_of)
        point = at if isinstance(at, str) else _full_name(*at)
        activation = self[point]
        if point.rpartition("hook_")[2] not in IN_THE_STREAM:
            expected = " or ".join(f"hook_{kind}" for kind in IN_THE_STREAM)
            raise InputError(Problem("this activation is not in the residual stream", expected, point))
        directions = {direction.name: [direction] for space in self._stream.spaces.values() for direction in space}
        directions |= {space.name: [*space] for space in self._stream.spaces.values()}
        if name not in directions:
            raise _unknown("direction", name, directions)
        columns = activation[..., [direction.column for direction in directions[name]]]
        if _holds_shift(point, self._stream.spaces[directions[name][0].space].shifted_in):
            columns = columns - float(Constants.of(activation.dtype).M)
        return columns[..., 0] if len(directions[name]) == 1 else columns


def _block_of(name: str) -> int:
    layer = HookPoint(name).layer()
    return -1 if layer is None else layer


def _holds_shift(point: str, block: int | None) -> bool:
    """Whether M stands in a direction at a point, if the feed-forward layer of a block adds it there."""
    here, kind = _block_of(point), point.rpartition("hook_")[2]
    if block is None or kind in ("embed", "pos_embed", "attn_out"):
        return False
    if kind == "mlp_out":
        return here == block
    return here > block or (here == block and kind == "resid_post")


def _full_name(short: str, block: int | None = None) -> str:
    """The name of an activation from TransformerLens' short one.

    >>> _full_name("pattern", 2), _full_name("resid_post", 0), _full_name("embed")
    ('blocks.2.attn.hook_pattern', 'blocks.0.hook_resid_post', 'hook_embed')
    """
    layer = "attn." if short in OF_ATTENTION else "mlp." if short in OF_FEED_FORWARD else ""
    return f"hook_{short}" if block is None else f"blocks.{block}.{layer}hook_{short}"


def _unknown(what: str, name: object, known: Iterable[str]) -> UnknownActivation:
    names = list(known)
    near = difflib.get_close_matches(str(name), names, 3, 0.4) or names[:3]
    return UnknownActivation(Problem(f"no {what} has this name", f"such as {', '.join(near)}", str(name)))


class HookPoints(nn.Module):
    """A module whose submodules `hook_...` are points where an activation can be read or replaced."""

    stream: Any  # a ResidualStream; None where a network was put together by other means than a blueprint

    @property
    def hook_points(self) -> dict[str, nn.Identity]:
        """Every hook point by its name, in the order of the modules; the embedding's two without its prefix."""
        return {
            name.removeprefix("embed."): module
            for name, module in self.named_modules()
            if isinstance(module, nn.Identity) and name.rpartition(".")[2].startswith("hook_")
        }

    def _repr_html_(self) -> str:
        """What a notebook shows of a network: its blocks, their widths, and the hash of its weights."""
        return network_card(self)

    def run_with_cache(
        self, tokens: Tensor, *more: Any, names_filter: Names = None, **options: Any
    ) -> tuple[Tensor, ActivationCache]:
        """A forward pass, and what it computed on the way: `logits, cache = network.run_with_cache(tokens)`.

        Args:
            tokens: [b p w], as `forward` takes them.
            *more: what else `forward` takes, as are the `options`.
            names_filter: the activations to keep: a name, several, or a function of the name; None: all.

        Raises:
            InputError: for tokens that are none of this network's, and names that are no hook point's.

        >>> import torch
        >>> from construction import base_network
        >>> logits, cache = base_network(states=2, symbols=2).run_with_cache(torch.ones(1, 7, 4, dtype=torch.int64))
        >>> cache["blocks.2.attn.hook_pattern"].shape, cache["z", 2].shape
        (torch.Size([1, 1, 7, 7]), torch.Size([1, 7, 1, 3]))
        """
        kept: dict[str, Tensor] = {}

        def keep(activation: Tensor, *, hook: HookPoint) -> None:
            kept[hook.name] = activation

        chosen = [(name, keep) for name in self._chosen(names_filter)]
        logits = self.run_with_hooks(tokens, *more, fwd_hooks=chosen, **options)
        return logits, ActivationCache(kept, self.stream)

    def run_with_hooks(
        self, tokens: Tensor, *more: Any, fwd_hooks: Iterable[tuple[Names, Hook]] = (), **options: Any
    ) -> Tensor:
        """The logits of a forward pass in which each hook is called with its activation, as `hooks` has it.

        Raises:
            InputError: for tokens that are none of this network's, names that are no hook point's, and a hook that
                returns anything but a tensor that fits.
        """
        self._require_rows(tokens)
        with self.hooks(fwd_hooks):
            logits: Tensor = self(tokens, *more, **options)
        return logits

    @contextmanager
    def hooks(self, fwd_hooks: Iterable[tuple[Names, Hook]]) -> Iterator[HookPoints]:
        """Hooks that stay while this is entered: a whole run can be generated with them (by the dense decoder).

        Args:
            fwd_hooks: pairs of the hook points' name (or names, or a function of the name) and a function, which is
                called as `function(activation, hook=HookPoint(name))`; what it returns, if it does, is used instead.

        >>> from construction import base_network
        >>> from compiled_models import run
        >>> from tm import library
        >>> network, machine = base_network(states=4, symbols=3), library.load("increment")
        >>> with network.hooks([("blocks.2.attn.hook_z", lambda z, hook: 0 * z)]):  # READ finds every cell blank
        ...     found = run(network, machine, "11", uncertified=True)
        >>> "".join(found.tape), found.decoder, "".join(run(network, machine, "11").tape)
        ('1_1', 'dense', '100')
        """
        points = self.hook_points
        wanted = [(name, hook) for names, hook in _pairs(fwd_hooks) for name in self._chosen(names)]
        with ExitStack() as undo:
            for name, hook in wanted:
                handle = points[name].register_forward_hook(partial(_call, HookPoint(name), hook))
                undo.callback(handle.remove)
            yield self

    def _chosen(self, names: Names) -> list[str]:
        points = self.hook_points
        if names is None:
            return list(points)
        if callable(names):
            return [name for name in points if names(name)]
        if not isinstance(names, Iterable):
            found = f"{names!r:.60}"
            raise InputError(Problem("no name of a hook point", "a name, several, a function of the name, None", found))
        chosen = [names] if isinstance(names, str) else list(names)
        for name in chosen:
            if name not in points:
                raise _unknown("hook point", name, points)
        return chosen

    def _require_rows(self, tokens: Tensor) -> None:
        """Refuse numbers that are no row of the vocabulary; `forward` refuses what has another shape."""
        rows = self.get_parameter("embed.W_E").shape[0]
        if isinstance(tokens, Tensor) and tokens.numel() and tokens.dtype in INTEGERS:
            low, high = (int(end) for end in tokens.aminmax())
            if low < 0 or high >= rows:
                found = str(low if low < 0 else high)
                raise InputError(Problem("tokens are row numbers of the vocabulary", f"0 to {rows - 1}", found))


def _pairs(fwd_hooks: Iterable[tuple[Names, Hook]]) -> list[tuple[Names, Hook]]:
    """The hooks, if each is a pair that could be one. Raises InputError for the first that is not."""
    expected = 'pairs such as ("blocks.2.attn.hook_z", lambda z, hook: 0 * z)'
    if not isinstance(fwd_hooks, Iterable):
        raise InputError(Problem("hooks come in a list", expected, f"{fwd_hooks!r:.60}"))
    pairs = list(fwd_hooks)
    for number, pair in enumerate(pairs):
        if not isinstance(pair, tuple | list) or len(pair) != 2 or not callable(pair[1]):
            raise InputError(Problem(f"hook {number} is no name and a function", expected, f"{pair!r:.60}"))
    return pairs


def _call(point: HookPoint, hook: Hook, _module: nn.Module, _inputs: object, activation: Tensor) -> Tensor | None:
    """Call a hook with an activation in TransformerLens' shape, and bring back what it returns."""
    heads_first = point.name.rpartition(".")[2] in HEADS_FIRST
    told = activation.transpose(1, 2) if heads_first else activation
    other = hook(told, hook=point)
    if other is None:
        return None
    if not isinstance(other, Tensor) or other.shape != told.shape or other.dtype != told.dtype:
        found = f"{tuple(other.shape)} {other.dtype}" if isinstance(other, Tensor) else type(other).__name__
        expected = f"nothing, or a tensor {tuple(told.shape)} {told.dtype}"
        raise InputError(Problem(f"a hook at {point.name} returned what does not fit", expected, found))
    return other.transpose(1, 2) if heads_first else other
