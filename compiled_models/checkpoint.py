"""Checkpoints: a network's tensors in a safetensors file, with its configuration and format version in the metadata."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file

from compiled_models.atomic import replacing
from compiled_models.fingerprints import fingerprint
from construction.config import CapacityError, NetworkConfig
from construction.device import usable_device
from construction.transformer import Transformer
from construction.tuned_network import draw_network
from tm import MachineError, Problem, TapeheadError

__all__ = ["FORMAT_VERSION", "CheckpointError", "load", "save"]

FORMAT_VERSION = "1"
DTYPES = {"float64": torch.float64, "float32": torch.float32, "bfloat16": torch.bfloat16}


class CheckpointError(TapeheadError, ValueError):
    """A file that is no checkpoint of ours, or a damaged one."""


def save(network: Transformer, file: str | Path) -> None:
    """Write a network to a safetensors file: written beside it and renamed, so that it is never half there.

    Raises:
        FileError: if the file cannot be written.
        CheckpointError: for something that is no network, and where a file stands that is no checkpoint.

    >>> import tempfile
    >>> from construction import base_network
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     save(base_network(states=2, symbols=2), f"{folder}/base.safetensors")
    ...     load(f"{folder}/base.safetensors").config.kind
    'base'
    """
    path, config = Path(file), getattr(network, "config", None)
    if not isinstance(config, NetworkConfig):
        expected = "a network from base_network, compile_machine or load"
        raise CheckpointError(Problem("this cannot be saved", expected, repr(network)[:80]))
    _require_replaceable(path)
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
    tensors = {name: weight.detach().contiguous() for name, weight in network.named_parameters()}
    with replacing(path) as beside:
        save_file(tensors, beside, metadata)


def _require_replaceable(path: Path) -> None:
    """Refuse to write over a file that is no checkpoint: it would be lost."""
    if path.is_file() and path.stat().st_size:
        try:
            with safe_open(path, framework="pt"):
                pass
        except (OSError, SafetensorError) as error:
            hint = "choose another name, or remove the file"
            raise CheckpointError(
                Problem("a file that is no checkpoint stands there", hint=hint, source=str(path))
            ) from error


def load(file: str | Path, *, device: str = "cpu") -> Transformer:
    """Read a network from a file that `save` wrote.

    Raises:
        CheckpointError: for a file that is missing, damaged, foreign, of another version, or whose tensors are not
            those of its configuration or not the ones that were saved.
        InputError: for a device that is not there.
    """
    path = Path(file)
    try:
        with safe_open(path, framework="pt", device="cpu") as stored:
            metadata = stored.metadata() or {}
            config = _config(path, metadata)
            network = _network(path, config)
            _copy(path, {name: stored.get_tensor(name) for name in list(stored.keys())}, network)
    except (OSError, SafetensorError) as error:
        expected = "a safetensors file written by tapehead"
        raise CheckpointError(Problem("no checkpoint can be read", expected, str(error), source=str(path))) from error
    if (found := fingerprint(network).sha256) != metadata.get("sha256"):
        expected = f"sha256 {metadata.get('sha256')}"
        raise CheckpointError(Problem("the weights are not the ones saved", expected, found, source=str(path)))
    return network.to(usable_device(device))


def _config(path: Path, metadata: dict[str, str]) -> NetworkConfig:
    if metadata.get("format") != "tapehead":
        hint = "make one with `tapehead compile` or `tapehead base`"
        found = f"metadata {json.dumps(metadata)[:80]}"
        raise CheckpointError(Problem("a foreign file", "a checkpoint of tapehead", found, hint, source=str(path)))
    if (version := metadata.get("format_version")) != FORMAT_VERSION:
        raise CheckpointError(Problem("another format version", FORMAT_VERSION, repr(version), source=str(path)))
    try:
        return NetworkConfig(
            states=int(metadata["states"]),
            symbols=int(metadata["symbols"]),
            tapes=int(metadata["tapes"]),
            code=metadata["code"],  # type: ignore[arg-type]
            dtype=DTYPES[metadata["dtype"]],
            policy=metadata.get("policy"),
        )
    except (KeyError, ValueError, CapacityError) as error:
        raise CheckpointError(Problem("a damaged configuration", found=str(error), source=str(path))) from error


def _network(path: Path, config: NetworkConfig) -> Transformer:
    try:
        drawn = draw_network(config)
    except (MachineError, CapacityError) as error:
        raise CheckpointError(Problem("a damaged policy", found=str(error), source=str(path))) from error
    return Transformer(drawn.shape, dtype=config.dtype, config=config)


def _copy(path: Path, stored: dict[str, torch.Tensor], network: Transformer) -> None:
    """Copy stored tensors into a network, after every mismatch was looked for."""
    expected = {name: weight.data for name, weight in network.named_parameters()}
    problems = [
        Problem(f"{what} tensor {name}", source=str(path))
        for what, names in (("missing", expected.keys() - stored.keys()), ("unknown", stored.keys() - expected.keys()))
        for name in sorted(names)
    ]
    for name in sorted(expected.keys() & stored.keys()):
        ours, theirs = expected[name], stored[name]
        if (ours.shape, ours.dtype) != (theirs.shape, theirs.dtype):
            wanted, found = (f"{tuple(tensor.shape)} {tensor.dtype}" for tensor in (ours, theirs))
            problems.append(Problem(f"tensor {name} does not fit the configuration", wanted, found, source=str(path)))
    if problems:
        raise CheckpointError(*problems)
    for name, tensor in expected.items():
        tensor.copy_(stored[name])
