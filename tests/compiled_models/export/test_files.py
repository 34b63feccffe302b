"""What is written for ONNX and llama.cpp: the same numbers, and clear errors where something is missing."""

from __future__ import annotations

import sys
from pathlib import Path

import gguf
import numpy as np
import onnxruntime
import pytest
import torch

from compiled_models.export import GGUF_TYPES, export_base_onnx, export_gguf, export_transformers_js
from construction import Codec, base_network, compile_machine
from construction.llama import LlamaConfig
from construction.llama.vocabulary import UNKNOWN
from construction.vocabulary import machine_vocabulary
from tests.commands import tapehead
from tests.construction.llama.runs import blueprint
from tm import FileError, InputError, library

SMALL = LlamaConfig(states=2, symbols=2, cells=16)


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_the_base_network_in_onnx_runtime_generates_the_same_tokens(tmp_path: Path, dtype: torch.dtype):
    network, machine = base_network(states=4, symbols=4, dtype=dtype), library.load("increment")
    session = onnxruntime.InferenceSession(export_base_onnx(tmp_path / "base.onnx", network))
    codec = Codec(network.config, machine)
    prompt = codec.prompt("1011")
    vocabulary = machine_vocabulary(4, 4, 1, network.config.code)
    tokens, generated = prompt.tokens.copy(), list[tuple[int, ...]]()
    while not generated or generated[-1] != prompt.stop:
        logits = session.run(None, {"tokens": tokens[None]})[0]
        assert np.abs(logits - network(torch.from_numpy(tokens)[None]).detach().numpy()).max() < 1e-4
        generated.append(vocabulary.best(logits[0, -1]))
        tokens = np.concatenate([tokens, [generated[-1]]])
    assert [codec.text(token) for token in generated][-3:] == ["carry/1>0/L/carry", "carry/0>1/S/done", "<stop>"]


def test_a_tuned_network_and_several_tapes(tmp_path: Path):
    machine = library.load("two_tape_add")
    network = compile_machine(machine)
    session = onnxruntime.InferenceSession(export_base_onnx(tmp_path / "tuned.onnx", network))
    tokens = Codec(network.config, machine).prompt(["101", "11"]).tokens[None]
    logits = network(torch.from_numpy(tokens)).detach().numpy()
    assert np.array_equal(session.run(None, {"tokens": tokens})[0], logits)


@pytest.mark.parametrize("type", GGUF_TYPES)
def test_a_gguf_file_holds_the_weights(tmp_path: Path, type: str):
    file = export_gguf(tmp_path / "llama.gguf", SMALL, type=type)
    tensors = {tensor.name: tensor for tensor in gguf.GGUFReader(file).tensors}
    ours = blueprint(SMALL).tensors()
    for theirs, name in (
        ("blk.0.ffn_down", "model.layers.0.mlp.down_proj"),
        ("blk.1.attn_v", "model.layers.1.self_attn.v_proj"),
    ):
        tensor = tensors[f"{theirs}.weight"]
        values = gguf.quants.dequantize(tensor.data, tensor.tensor_type)
        assert np.allclose(values, ours[f"{name}.weight"].numpy(), rtol=2**-10, atol=0)
    assert tensors["token_embd.weight"].shape[1] % 64 == 0


def test_words_in_a_gguf_file_are_written_as_they_are_printed(tmp_path: Path):
    """Words that a user defines are copied as they are: white space spelled as bytes would be seen."""
    fields = gguf.GGUFReader(export_gguf(tmp_path / "llama.gguf", SMALL)).fields
    tokens = [str(token) for token in fields["tokenizer.ggml.tokens"].contents()]
    assert tokens[6:8] == ["A0", "A1"]
    assert {" 1RA", " @-8\n", " 1", "1RA", "@-8", "1"} <= set(tokens)
    assert len(tokens) == len(set(tokens))
    assert len(tokens) % 64 == 0


def test_what_is_no_word_is_an_unknown_word_in_a_gguf_file(tmp_path: Path):
    """llama.cpp leaves out what has no token: so each byte but those that separate words has one, read as <unk> is."""
    reader = gguf.GGUFReader(export_gguf(tmp_path / "llama.gguf", SMALL, type="f32"))
    tokens = [str(token) for token in reader.fields["tokenizer.ggml.tokens"].contents()]
    rows = {tensor.name: tensor.data for tensor in reader.tensors}
    for text in "xy!~<éÿ\u0100\u0142":  # as GPT-2 spells bytes; the last two are 0 and 0xa0
        assert np.array_equal(rows["token_embd.weight"][tokens.index(text)], rows["token_embd.weight"][UNKNOWN])
        assert rows["output.weight"][tokens.index(text)][0] < -1000
    assert not {",", ";", ":", "\u0120", "\u010a", "\u0109"} & set(tokens)
    assert sum(len(token) == 1 for token in tokens) == 256 - 9


def test_a_gguf_file_of_an_unknown_type(tmp_path: Path):
    with pytest.raises(InputError, match="q8_0"):
        export_gguf(tmp_path / "llama.gguf", type="q4_0")


@pytest.mark.parametrize(
    ("module", "target"),
    [("onnx", "onnx"), ("onnx", "transformers-js"), ("gguf", "gguf"), ("transformer_lens", "transformer-lens")],
)
def test_a_missing_library_is_named_with_its_extra(monkeypatch, capsys, tmp_path: Path, module: str, target: str):
    for name in [name for name in sys.modules if name.split(".")[0] == module]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, module, None)
    status, _, err = tapehead(capsys, "export", target, "-o", str(tmp_path / "out"))
    assert status == 2
    assert f"needs {module}" in err
    assert f"pip install 'tapehead[{module.replace('_', '-')}]'" in err
    assert not (tmp_path / "out").exists()


def test_nothing_is_written_over(tmp_path: Path):
    file = tmp_path / "precious"
    file.write_text("precious")
    for write in (lambda: export_gguf(file, SMALL), lambda: export_base_onnx(file, base_network(2, 2))):
        with pytest.raises(FileError, match="a file stands there already"):
            write()
    with pytest.raises(FileError, match="cannot be written to"):
        export_transformers_js(file, SMALL)
    assert file.read_text() == "precious"


def test_the_commands(capsys, tmp_path: Path):
    sizes = ["--states", "2", "--symbols", "2", "--cells", "16"]
    for target, name in (("gguf", "a.gguf"), ("onnx", "a.onnx"), ("transformers-js", "a")):
        status, out, _ = tapehead(capsys, "export", target, "-o", str(tmp_path / name), *sizes)
        assert (status, "2 states, 2 symbols, 16 cells" in out) == (0, True)
    status, out, _ = tapehead(capsys, "export", "onnx", "--network", "base", "-o", str(tmp_path / "b"), *sizes[:4])
    assert (status, "base, 2 states" in out) == (0, True)
    for wrong in (["--tapes", "2"], ["--network", "base", "--cells", "16"]):
        status, _, err = tapehead(capsys, "export", "onnx", "-o", str(tmp_path / "c"), *wrong)
        assert (status, "tape" in err) == (2, True)
