"""What is saved is what is loaded; anything else is refused with a reason."""

from __future__ import annotations

import json
import os
import random

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from compiled_models import CheckpointError, fingerprint, load, run, save
from compiled_models.checkpoint import STORED, metadata_digest
from construction import Codec, NetworkConfig, base_network, compile_machine
from construction.tuned_network import draw_network
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


def rewritten(file, change, network="base", *, signed=True):
    """Save a network, then write its file anew with changed tensors or metadata, and a digest to fit unless asked."""
    save(NETWORKS[network], file)
    with safe_open(file, "pt") as stored:
        metadata = stored.metadata()
    tensors = load_file(file)
    change(tensors, metadata)
    if signed and metadata:
        metadata["digest"] = metadata_digest(metadata)
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


def of_very_other_sizes(_, metadata):
    metadata["tapes"], metadata["code"] = "500", "factored"


def of_more_than_there_is(_, metadata):
    metadata["states"] = "1" * 30


def of_the_first_version(_, metadata):
    metadata["format_version"] = "1"


def with_a_damaged_policy(_, metadata):
    metadata["policy"] = "this is no machine"


def with_a_policy_in_a_file(_, metadata):
    metadata["policy"] = __file__


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
        (of_very_other_sizes, "the file does not fit the configuration"),
        (of_more_than_there_is, "of memory"),
        (of_the_first_version, "make it anew"),
        (with_a_policy_in_a_file, "a damaged policy"),
        (with_a_damaged_policy, "a damaged policy"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_changed_file_is_refused(file, change, said):
    rewritten(file, change)
    with pytest.raises(CheckpointError, match=said):
        load(file)


def test_a_changed_file_builds_no_network(file, monkeypatch):
    def allocated(*arguments, device=None, **more):
        if str(device) != "meta":
            raise AssertionError("memory was taken for a network that is not in the file")

    for change in (of_another_size, of_other_sizes, of_very_other_sizes, of_more_than_there_is):
        rewritten(file, change)
        with monkeypatch.context() as patched:
            patched.setattr(torch, "zeros", allocated)
            with pytest.raises(CheckpointError):
                load(file)


LEGEND = ("forward", "prompt", "vocabulary", "directions", "slots")


@pytest.mark.parametrize("entry", LEGEND)
def test_a_file_that_explains_itself_falsely_is_refused(file, entry):
    """Whoever reads only the file would compute something else; with a digest to fit, and with the entry left out."""

    def false(_, metadata):
        metadata[entry] = metadata[entry].replace("STEP", "SPET").replace("one", "two").replace("tapes", "types")

    for change in (false, lambda _, metadata: metadata.pop(entry)):
        rewritten(file, change)
        with pytest.raises(CheckpointError, match=f"does not explain itself as it is(.|\n)*found: {entry}"):
            load(file)


def test_a_file_of_the_version_without_an_explanation_is_still_read(file):
    def older(_, metadata):
        metadata["format_version"] = "2"
        for entry in LEGEND:
            del metadata[entry]

    rewritten(file, older, "tuned")
    assert load(file).config == NETWORKS["tuned"].config


@pytest.mark.parametrize("kind", NETWORKS)
def test_the_explanation_is_of_this_network_and_small(kind, file):
    """Rows and directions are those of the weights; all of it is a small part of the file."""
    save(NETWORKS[kind], file)
    with safe_open(file, "pt") as stored:
        metadata, sizes = stored.metadata(), stored.get_slice("embed.W_E").get_shape()
    kinds = json.loads(metadata["vocabulary"])
    rows = 1 + sum(1 + sum(len(field["labels"]) for field in kind["fields"].values()) for kind in kinds.values())
    assert sizes == [rows, len(json.loads(metadata["directions"]))]
    codec = Codec(NETWORKS[kind].config, library.load("increment"))
    for token in codec.prompt("1").tokens:
        name, values = codec.vocabulary.parse(token)
        named_kind = kinds[name]
        labels = [field["labels"][value] for field, value in zip(named_kind["fields"].values(), values, strict=True)]
        assert named_kind["row"] == token[0]
        assert labels == [f.labels[v] for f, v in zip(codec.vocabulary[name].fields, values, strict=True)]
    assert "not divided by sqrt(d_head)" in metadata["forward"]
    assert sum(len(metadata[entry]) for entry in LEGEND) < 0.1 * file.stat().st_size


def other_policy(_, metadata):
    metadata["policy"] = metadata["policy"].replace("right 0 -> right 0 R", "right 0 -> right 1 R")


def other_name(_, metadata):
    metadata["policy"] = metadata["policy"].replace("increment", "decrement")


@pytest.mark.parametrize("change", [other_policy, other_name, of_other_sizes])
def test_metadata_that_are_not_the_ones_saved_are_refused(file, change):
    rewritten(file, change, "tuned", signed=False)
    with pytest.raises(CheckpointError, match="the metadata are not the ones saved"):
        load(file)


CONFIGS = st.builds(
    NetworkConfig,
    states=st.integers(1, 12),
    symbols=st.integers(2, 5),
    tapes=st.integers(1, 3),
    code=st.sampled_from(["joint", "factored"]),
    dtype=st.sampled_from(list(STORED)),
).filter(lambda config: config.code == "factored" or config.actions <= 300)


@settings(deadline=None, max_examples=40)
@given(config=CONFIGS)
def test_weights_take_no_less_than_a_configuration_says(config):
    assert config.bytes <= draw_network(config).shape.parameters * config.dtype.itemsize


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes under paths")
def test_a_pipe_is_no_checkpoint_and_nothing_waits(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", "/dev/zero", tmp_path):
        with pytest.raises(CheckpointError, match="no checkpoint can be read"):
            load(path)


def test_a_policy_is_never_taken_for_a_path(file, tmp_path):
    (tmp_path / "secret.tm").write_text(library.load("increment").write())

    def elsewhere(_, metadata):
        metadata["policy"] = str(tmp_path / "secret.tm")

    rewritten(file, elsewhere, "tuned")
    with pytest.raises(CheckpointError, match="a damaged policy"):
        load(file)


def test_damage_anywhere_is_refused(file):
    save(NETWORKS["tuned"], file)
    whole, chance = file.read_bytes(), random.Random(0)
    header = int.from_bytes(whole[:8], "little") + 8
    places = chance.sample(range(8 * header), 60) + chance.sample(range(8 * len(whole)), 20)
    for place in places:
        content = bytearray(whole)
        content[place // 8] ^= 1 << place % 8
        file.write_bytes(content)
        with pytest.raises(CheckpointError):
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
    save_file({"weight": torch.zeros(3)}, tmp_path / "machine.safetensors")
    for name in ("machine.tm", "machine.safetensors"):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(FileError, match=r"stands there already(.|\n)*force"):
            save(NETWORKS["base"], tmp_path / name)
        assert (tmp_path / name).read_bytes() == before
        save(NETWORKS["base"], tmp_path / name, force=True)
        assert load(tmp_path / name).config.kind == "base"
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
