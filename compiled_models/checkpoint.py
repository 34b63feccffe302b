"""Checkpoints: a network's tensors in a safetensors file, whose metadata hold its configuration and explain it.

What the explanation says, `legend` has, so that a network can be run by whoever has nothing but the file:
`examples/without_tapehead.py` does, in numpy.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from compiled_models.atomic import replacing
from construction.blueprint import Blueprint
from construction.config import CapacityError, NetworkConfig, usable_device
from construction.fingerprint import fingerprint
from construction.module import module_of
from construction.number_format import FORMATS
from construction.shape import Shape
from construction.transformer import Transformer
from construction.tuned_network import draw_network
from tm import FileError, MachineError, Problem, TapeheadError
from tm.file import regular_file

__all__ = ["FORMAT_VERSION", "CheckpointError", "legend", "load", "metadata_digest", "save"]

FORMAT_VERSION = "3"
WITHOUT_LEGEND = "2"  # the version before, which is still read
STORED = {"float64": "F64", "float32": "F32", "bfloat16": "BF16"}  # as safetensors has them
LARGEST = 1 << 46  # bytes: a checkpoint is read into memory only after its sizes have been compared


class CheckpointError(TapeheadError, ValueError):
    """A file that is no checkpoint of ours, or a damaged one."""


def save(network: Transformer, file: str | Path, *, force: bool = False) -> None:
    """Write a network to a safetensors file: written beside it and renamed, so that it is never half there.

    A checkpoint that stands there is replaced; anything else only with `force`.

    Raises:
        FileError: if the file cannot be written, or if something stands there that is no checkpoint.
        CheckpointError: for something that is no network.

    >>> import tempfile
    >>> from construction import base_network
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(base_network(states=2, symbols=2), f"{folder}/base.safetensors")
    ...     load(f"{folder}/base.safetensors").config.kind
    'base'
    """
    config = getattr(network, "config", None)
    if not isinstance(config, NetworkConfig):
        expected = "a network from base_network, compile_machine or load"
        raise CheckpointError(Problem("this cannot be saved", expected, repr(network)[:80]))
    tensors = {name: weight.detach().contiguous() for name, weight in network.named_parameters()}
    with replacing(file, force=force, own=_is_checkpoint) as beside:
        save_file(tensors, beside, _metadata(network, config))


def _metadata(network: Transformer, config: NetworkConfig) -> dict[str, str]:
    metadata = {
        "format": "tapehead",
        "format_version": FORMAT_VERSION,
        "states": str(config.states),
        "symbols": str(config.symbols),
        "tapes": str(config.tapes),
        "code": config.code,
        "dtype": config.number_format,
        "sha256": fingerprint(network).sha256,
    }
    if config.policy is not None:
        metadata["policy"] = config.policy
    metadata |= legend(config, draw_network(config))
    return metadata | {"digest": metadata_digest(metadata)}


def metadata_digest(metadata: dict[str, str]) -> str:
    """A hash of all metadata but itself; the weights' hash is among them, so it speaks for the whole file."""
    rest = {name: value for name, value in metadata.items() if name != "digest"}
    return hashlib.sha256(json.dumps(rest, sort_keys=True).encode()).hexdigest()


def _is_checkpoint(path: Path) -> bool:
    try:
        with safe_open(path, framework="pt") as stored:
            return (stored.metadata() or {}).get("format") == "tapehead"
    except (OSError, SafetensorError):
        return False


def load(file: str | Path, *, device: str = "cpu") -> Transformer:
    """Read a network from a file that `save` wrote.

    Nothing is built before the sizes in the file have been compared with those that its configuration asks for.

    Raises:
        CheckpointError: for a file that is missing, damaged, foreign, of another version, or whose tensors are not
            those of its configuration or not the ones that were saved.
        InputError: for a device that is not there.
    """
    path = Path(file)
    try:
        with regular_file(path, largest=LARGEST) as stream:  # safe_open would wait for a pipe
            size = stream.seek(0, 2)
        with safe_open(path, framework="pt", device="cpu") as stored:
            network = _network(path, stored, size)
            sha256 = (stored.metadata() or {}).get("sha256")
    except FileError as error:
        raise CheckpointError(
            *(_unreadable(path, f"{each.message}: {each.found}") for each in error.problems)
        ) from error
    except (OSError, SafetensorError) as error:
        raise CheckpointError(_unreadable(path, str(error))) from error
    if (actual := fingerprint(network).sha256) != sha256:
        raise CheckpointError(
            Problem("the weights are not the ones saved", f"sha256 {sha256}", actual, source=str(path))
        )
    return network.to(usable_device(device))


def _unreadable(path: Path, found: str) -> Problem:
    return Problem("no checkpoint can be read", "a safetensors file written by tapehead", found, source=str(path))


def _config(path: Path, metadata: dict[str, str]) -> NetworkConfig:
    if metadata.get("format") != "tapehead":
        hint = "make one with `tapehead compile` or `tapehead base`"
        actual = f"metadata {json.dumps(metadata)[:80]}"
        raise CheckpointError(Problem("a foreign file", "a checkpoint of tapehead", actual, hint, source=str(path)))
    if (version := metadata.get("format_version")) not in (FORMAT_VERSION, WITHOUT_LEGEND):
        hint, expected = (
            "make it anew with `tapehead compile` or `tapehead base`",
            f"{FORMAT_VERSION} or {WITHOUT_LEGEND}",
        )
        raise CheckpointError(Problem("another format version", expected, repr(version), hint, source=str(path)))
    if (actual := metadata_digest(metadata)) != metadata.get("digest"):
        expected = f"digest {metadata.get('digest')}"
        raise CheckpointError(Problem("the metadata are not the ones saved", expected, actual, source=str(path)))
    try:
        return NetworkConfig(
            states=int(metadata["states"]),
            symbols=int(metadata["symbols"]),
            tapes=int(metadata["tapes"]),
            code=metadata["code"],  # type: ignore[arg-type]
            dtype=FORMATS[metadata["dtype"]],  # which says so if it is none
            policy=metadata.get("policy"),
        )
    except (KeyError, ValueError, CapacityError) as error:
        raise CheckpointError(Problem("a damaged configuration", found=str(error), source=str(path))) from error


def _network(path: Path, stored: Any, size: int) -> Transformer:
    """The network in an open file of so many bytes, built only once its tensors have been compared with its sizes."""
    config = _config(path, stored.metadata() or {})
    if config.bytes > size:  # even its blueprint would be too large to be drawn
        expected = f"{config}: at least {config.bytes:,} bytes"
        problem = Problem("the file does not fit the configuration", expected, f"{size:,} bytes", source=str(path))
        raise CheckpointError(problem)
    try:
        blueprint = draw_network(config)
    except (MachineError, CapacityError) as error:
        raise CheckpointError(Problem("a damaged policy", found=str(error), source=str(path))) from error
    _require_tensors(path, stored, blueprint.shape, STORED[config.number_format])
    _require_legend(path, stored.metadata() or {}, legend(config, blueprint))
    network = module_of(blueprint.blank(config, dtype=config.number_format))
    for name, weight in network.named_parameters():
        weight.data.copy_(stored.get_tensor(name))
    return network


def _require_legend(path: Path, metadata: dict[str, str], true: dict[str, str]) -> None:
    """Refuse a file that explains itself otherwise than it is: whoever reads only the file would be misled."""
    if metadata["format_version"] == WITHOUT_LEGEND:
        return
    hint = "make it anew with `tapehead compile` or `tapehead base`"
    if false := [name for name, value in true.items() if metadata.get(name) != value]:
        names = ", ".join(false)
        raise CheckpointError(
            Problem("the file does not explain itself as it is", found=names, hint=hint, source=str(path))
        )


def _require_tensors(path: Path, stored: Any, shape: Shape, number_format: str) -> None:
    """Compare names, sizes and number formats in a file's header with a network's, and say every mismatch."""
    expected = {name: f"{list(size)} {number_format}" for name, size in shape.tensors.items()}
    slices = {name: stored.get_slice(name) for name in list(stored.keys())}
    actual = {name: f"{slice.get_shape()} {slice.get_dtype()}" for name, slice in slices.items()}
    problems = [
        Problem(f"{what} tensor {name}", source=str(path))
        for what, names in (("missing", expected.keys() - actual.keys()), ("unknown", actual.keys() - expected.keys()))
        for name in sorted(names)
    ]
    for name in sorted(expected.keys() & actual.keys()):
        if expected[name] != actual[name]:
            message = f"tensor {name} does not fit the configuration"
            problems.append(Problem(message, expected[name], actual[name], source=str(path)))
    if problems:
        raise CheckpointError(*problems)


# -- the legend: what a checkpoint says of itself ----------------------------------------------------------------------

FORWARD = """\
A token is the row of its kind and the rows of its fields (see `vocabulary`), filled up with row 0; t = 1, 2, 3, ... is
its number. x = the sum of embed.W_E[rows] + t * embed.W_pos[0]. Position enters nowhere else.
For each block b = 0, 1, 2, 3 (LOCATE, ADDRESS, READ, DECIDE), W_* being blocks.b.attn.* and blocks.b.mlp.*:
  x = x + the sum over the heads h of (the mean of x_s W_V[h] over the tokens s up to this one, weighted by
      softmax_s((x W_Q[h]) . (x_s W_K[h]))) W_O[h]. Scores are not divided by sqrt(d_head).
  x = x + (relu(x W_gate) * (x W_in)) W_out
No normalisation, no biases. The logits of the rows are x unembed.W_U; a token's logit is the sum of its rows' logits.
The read-out is linear, without softmax: P(token) = relu(logit). Greedy: the token with the largest logit."""

PROMPT = """\
BOS; an EXAMPLE for each rule (n of them for one of weight n), none for a tuned network; a CELL for each symbol of the
input, from cell 0 on, tape after tape; SHIFTs, each moving one head by one cell before the run; RUN with the start
state. Then the network generates a STEP for each step, appended to the context, and at last STOP.
Labels of states and symbols are slots (see `slots`), counted from 0; symbol 0 is the blank; * matches anything. An
`action` is "next state,symbol written on each tape,move on each tape", or split into the fields next, write i, move i;
a `cell` is "tape,symbol", a `shift` "tape,move"; tapes i count from 1.
A machine of fewer tapes runs with idle ones: symbol 0 read, symbol 0 written, move S."""


def legend(config: NetworkConfig, blueprint: Blueprint) -> dict[str, str]:
    """The entries of a checkpoint's metadata that explain it; those that are no prose are JSON.

    vocabulary: for each kind its row and its fields, each with its first row and the labels of its rows, in order;
    directions: the name of each column of the residual stream; slots: how many states, symbols and tapes there are
    room for, or a tuned network's names for them; forward and prompt: how it is computed, and what to put in.

    They are as long as there are rows and directions: a small part of the weights, which are their product.

    >>> from construction import draw_base_network
    >>> config = NetworkConfig.of(states=2, symbols=2)
    >>> entries = legend(config, draw_base_network(config))
    >>> json.loads(entries["vocabulary"])["EXAMPLE"]["fields"]["symbol 1"]
    {'first': 6, 'labels': ['*', '0', '1']}
    >>> json.loads(entries["directions"])[:6], json.loads(entries["slots"])
    (['one', 't', 'bos', 'step', 'state[0]', 'state[1]'], {'states': 2, 'symbols': 2, 'tapes': 1})
    """
    machine = config.machine()
    slots = {
        "states": config.states if machine is None else machine.states,
        "symbols": config.symbols if machine is None else machine.symbols,
        "tapes": config.tapes,
    }
    vocabulary = {
        kind.name: {
            "row": kind.row,
            "fields": {field.name: {"first": field.first, "labels": field.labels} for field in kind.fields},
        }
        for kind in blueprint.vocabulary.kinds.values()
    }
    directions = [blueprint.stream.direction(column).name for column in range(blueprint.stream.width)]
    tables = {"vocabulary": vocabulary, "directions": directions, "slots": slots}
    compact = {name: json.dumps(value, separators=(",", ":")) for name, value in tables.items()}
    return {"forward": FORWARD, "prompt": PROMPT} | compact
