"""Checkpoints: a network's tensors in a safetensors file, whose metadata hold its configuration and explain it.

What the explanation says, `legend` has: enough to run the network without this library.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from compiled_models.atomic import replacing
from compiled_models.legend import legend
from construction.config import CapacityError, NetworkConfig, usable_device
from construction.fingerprint import fingerprint
from construction.number_format import FORMATS
from construction.transformer import Transformer
from construction.tuned_network import draw_network
from tm import FileError, MachineError, Problem, TapeheadError
from tm.file import regular_file

__all__ = ["FORMAT_VERSION", "CheckpointError", "load", "metadata_digest", "save"]

FORMAT_VERSION = "3"
WITHOUT_LEGEND = "2"  # the version before, which is still read
STORED = {torch.float64: "F64", torch.float32: "F32", torch.bfloat16: "BF16"}  # as safetensors has them
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
        "dtype": str(config.dtype).removeprefix("torch."),
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
            dtype=FORMATS[metadata["dtype"]],
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
    _require_tensors(path, stored, Transformer(blueprint.shape, dtype=config.dtype, device="meta"))
    _require_legend(path, stored.metadata() or {}, legend(config, blueprint))
    network = Transformer(blueprint.shape, dtype=config.dtype, config=config)
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


def _require_tensors(path: Path, stored: Any, network: Transformer) -> None:
    """Compare names, sizes and number formats in a file's header with a network's, and say every mismatch."""
    expected = {name: f"{list(weight.shape)} {STORED[weight.dtype]}" for name, weight in network.named_parameters()}
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
