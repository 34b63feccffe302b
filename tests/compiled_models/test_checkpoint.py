"""What is saved is what is loaded; anything else is refused with a reason."""

from __future__ import annotations

import os

import pytest
import torch
from safetensors.torch import load_file, save_file

from compiled_models import CheckpointError, fingerprint, load, run, save
from construction import base_network, compile_machine
from tm import FileError, library

NETWORKS = {
    "base": base_network(states=4, symbols=3),
    "two tapes": base_network(states=4, symbols=3, tapes=2),
    "float32": base_network(states=4, symbols=3, dtype=torch.float32),
    "tuned": compile_machine(library.load("increment"), states=8),
}


@pytest.fixture
def file(tmp_path):
    return tmp_path / "network.safetensors"


@pytest.mark.parametrize("kind", NETWORKS)
def test_a_round_trip_changes_nothing(kind, file):
    save(NETWORKS[kind], file)
    again = load(file)
    assert fingerprint(again) == fingerprint(NETWORKS[kind])
    assert again.config == NETWORKS[kind].config
    assert os.listdir(file.parent) == [file.name]


def test_a_loaded_tuned_network_runs(file):
    save(NETWORKS["tuned"], file)
    assert run(load(file), library.load("increment"), "1011").tape == list("1100")


def rewritten(file, change):
    """Save the base network, then write its file anew with changed tensors or metadata."""
    from safetensors import safe_open

    save(NETWORKS["base"], file)
    with safe_open(file, "pt") as stored:
        metadata = stored.metadata()
    tensors = load_file(file)
    change(tensors, metadata)
    save_file(tensors, file, metadata)


def without(tensors, _):
    del tensors["unembed.W_U"]


def with_another(tensors, _):
    tensors["extra"] = torch.zeros(1)


def of_another_size(tensors, _):
    tensors["unembed.W_U"] = tensors["unembed.W_U"][:-1].clone()


def of_another_dtype(tensors, _):
    tensors["unembed.W_U"] = tensors["unembed.W_U"].float()


def altered(tensors, _):
    tensors["unembed.W_U"][0, 0] += 1


def of_another_version(_, metadata):
    metadata["format_version"] = "99"


def foreign(_, metadata):
    metadata.clear()


def without_sizes(_, metadata):
    del metadata["states"]


def of_other_sizes(_, metadata):
    metadata["states"] = "5"


def with_a_damaged_policy(_, metadata):
    metadata["policy"] = "this is no machine"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without, "missing tensor unembed.W_U"),
        (with_another, "unknown tensor extra"),
        (of_another_size, "tensor unembed.W_U does not fit"),
        (of_another_dtype, "tensor unembed.W_U does not fit"),
        (altered, "the weights are not the ones saved"),
        (of_another_version, "another format version"),
        (foreign, "a foreign file"),
        (without_sizes, "a damaged configuration"),
        (of_other_sizes, "does not fit the configuration"),
        (with_a_damaged_policy, "a damaged policy"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_changed_file_is_refused(file, change, said):
    rewritten(file, change)
    with pytest.raises(CheckpointError, match=said):
        load(file)


def test_every_misfit_is_said_at_once(file):
    def both(tensors, metadata):
        without(tensors, metadata)
        with_another(tensors, metadata)

    rewritten(file, both)
    with pytest.raises(CheckpointError) as error:
        load(file)
    assert len(error.value.problems) == 2


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff" * 500, b"{}", os.urandom(64)], ids=["empty", "junk", "text", "random"]
)
def test_binary_junk_is_refused(file, content):
    file.write_bytes(content)
    with pytest.raises(CheckpointError, match="no checkpoint can be read"):
        load(file)


def test_a_truncated_file_is_refused(file):
    save(NETWORKS["base"], file)
    file.write_bytes(file.read_bytes()[:-8])
    with pytest.raises(CheckpointError, match="no checkpoint can be read"):
        load(file)


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(CheckpointError, match="no checkpoint can be read"):
        load(tmp_path / "nowhere")


def test_a_file_that_is_no_checkpoint_is_not_written_over(tmp_path):
    (tmp_path / "machine.tm").write_text("a 0 -> b 1 R")
    with pytest.raises(CheckpointError, match="no checkpoint stands there"):
        save(NETWORKS["base"], tmp_path / "machine.tm")
    assert (tmp_path / "machine.tm").read_text() == "a 0 -> b 1 R"
    save(NETWORKS["base"], tmp_path / "network")
    save(NETWORKS["tuned"], tmp_path / "network")
    assert load(tmp_path / "network").config.kind == "tuned"


@pytest.mark.parametrize(
    "nothing", [None, library.load("increment"), torch.nn.Linear(1, 1)], ids=["None", "machine", "torch"]
)
def test_only_networks_are_saved(nothing, file):
    with pytest.raises(CheckpointError, match="cannot be saved"):
        save(nothing, file)


def test_a_file_that_cannot_be_written_is_said_and_nothing_is_left(tmp_path):
    with pytest.raises(FileError, match="cannot be written"):
        save(NETWORKS["base"], tmp_path / "no" / "such" / "folder")
    (tmp_path / "taken").mkdir()
    with pytest.raises(FileError, match="cannot be written"):
        save(NETWORKS["base"], tmp_path / "taken")
    assert os.listdir(tmp_path) == ["taken"]
