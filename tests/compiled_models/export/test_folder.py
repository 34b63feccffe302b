"""The folders that exports write: whole or not at all, nothing of another target left over, nothing precious lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from compiled_models.export import export_llama, export_transformer_lens, export_transformers_js
from compiled_models.export.folder import OURS, write_folder
from construction import base_network
from construction.llama import LlamaConfig
from tests.commands import tapehead
from tm import FileError

SMALL = LlamaConfig(states=2, symbols=2, cells=16)
FILES = {"README.md": b"a card", "config.json": b"{}", "onnx/model.onnx": b"a graph"}
TARGETS: dict[str, Callable[..., Path]] = {
    "llama": lambda folder, **options: export_llama(folder, SMALL, **options),
    "transformers-js": lambda folder, **options: export_transformers_js(folder, SMALL, **options),
    "transformer-lens": lambda folder, **options: export_transformer_lens(folder, base_network(2, 2), **options),
}
WRITTEN = {
    "llama": {"README.md", "config.json", "generation_config.json", "model.safetensors"}
    | {"tokenizer.json", "tokenizer_config.json"},
    "transformers-js": {"README.md", "config.json", "generation_config.json", "onnx/model.onnx"}
    | {"tokenizer.json", "tokenizer_config.json"},
    "transformer-lens": {"README.md", "config.json", "load.py", "model.safetensors", "names.json"},
}


@pytest.fixture(autouse=True)
def lens_without_its_library(monkeypatch) -> None:
    """The folder for TransformerLens, where that is not installed: the model's tensors are beside the point here."""
    made = (None, torch.nn.Linear(2, 2), torch.zeros(1, 2, dtype=torch.int64))
    monkeypatch.setattr("compiled_models.export.transformer_lens._native", lambda *_: made)


def files_in(folder: Path) -> dict[str, bytes]:
    """All files under a folder, hidden ones too, with what is in them."""
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("before", TARGETS)
@pytest.mark.parametrize("target", TARGETS)
def test_one_target_after_another_leaves_its_own_files_and_what_is_not_ours(tmp_path: Path, target: str, before: str):
    TARGETS[before](tmp_path / "out")
    assert set(files_in(tmp_path / "out")) == WRITTEN[before]
    (tmp_path / "out" / "notes.txt").write_text("precious")
    with pytest.raises(FileError, match="there are files in this folder"):
        TARGETS[target](tmp_path / "out")
    TARGETS[target](tmp_path / "out", force=True)
    assert set(files_in(tmp_path / "out")) == WRITTEN[target] | {"notes.txt"}
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    TARGETS[target](tmp_path / "new")
    assert set(files_in(tmp_path / "new")) == WRITTEN[target]


def test_every_file_of_a_target_is_known_to_the_others():
    assert set().union(*WRITTEN.values()) == {"README.md", *OURS}


@pytest.mark.parametrize(("target", "name"), [(target, name) for target in WRITTEN for name in sorted(WRITTEN[target])])
def test_a_folder_where_a_file_is_to_be_is_refused_before_anything_is_written(tmp_path: Path, target: str, name: str):
    (tmp_path / "out" / name).mkdir(parents=True)
    (tmp_path / "out" / name / "precious").write_text("precious")
    before = files_in(tmp_path / "out")
    with pytest.raises(FileError, match="a folder stands where a file is to be written"):
        TARGETS[target](tmp_path / "out", force=True)
    assert files_in(tmp_path / "out") == before
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("command", [["llama"], ["transformers-js"], ["onnx"], ["gguf"]], ids=" ".join)
def test_the_commands_say_so_too(capsys, tmp_path: Path, command: list[str]):
    """A folder stands in the place of a file: of the one that is the target, or of one in it; or a file of a folder."""
    whole = tmp_path / "out" if command[0] in ("onnx", "gguf") else tmp_path / "out" / "config.json"
    (whole / "precious").mkdir(parents=True)
    status, _, err = tapehead(capsys, "export", *command, "-o", str(tmp_path / "out"), "--force")
    assert (status, err.startswith("tapehead: "), "Traceback" in err) == (2, True, False)
    assert (whole / "precious").is_dir()
    (tmp_path / "file").write_text("precious")
    status, _, err = tapehead(capsys, "export", *command, "-o", str(tmp_path / "file" / "below"))
    assert (status, err.startswith("tapehead: "), "Traceback" in err) == (2, True, False)


def test_a_file_where_a_folder_is_to_be(tmp_path: Path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "onnx").write_text("precious")
    with pytest.raises(FileError, match="a file stands where a folder is to be"):
        write_folder(tmp_path / "out", FILES, force=True)
    assert files_in(tmp_path / "out") == {"onnx": b"precious"}


@pytest.mark.parametrize("there", [False, True])
def test_a_disk_that_is_full_leaves_everything_as_it_was(tmp_path: Path, monkeypatch, there: bool):
    if there:
        write_folder(tmp_path / "out", FILES)
    before, write = files_in(tmp_path), Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == "model.onnx":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(FileError, match="No space left"):
        write_folder(tmp_path / "out", {**FILES, "README.md": b"another"}, force=True)
    assert files_in(tmp_path) == before
    assert (tmp_path / "out").exists() == there


def test_what_is_cut_short_as_it_is_put_in_place_does_not_load(tmp_path: Path, monkeypatch):
    write_folder(tmp_path / "out", FILES)
    replace, moved = Path.replace, list[str]()

    def cut_short(path: Path, target: Path) -> Path:
        moved.append(path.name)
        if len(moved) == 2:
            raise KeyboardInterrupt
        return replace(path, target)

    monkeypatch.setattr(Path, "replace", cut_short)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "out", {**FILES, "README.md": b"another"}, force=True)
    assert "config.json" not in files_in(tmp_path / "out")
    assert not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("place", ["deep/er/new", "empty", "."])
def test_new_and_empty_folders(tmp_path: Path, monkeypatch, place: str):
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty" if place == "." else tmp_path)
    assert set(files_in(write_folder(place, FILES))) == set(FILES)
    assert os.stat(place).st_mode & 0o777 == 0o755


@pytest.mark.parametrize("name", ["", "a\0b", "x" * 300])
def test_names_that_no_folder_can_have(name: str):
    with pytest.raises(FileError, match="no file can have this name"):
        write_folder(name, FILES)
