"""`export_transformers_js`: a stock Llama as transformers.js loads it, in Node and in browsers: configs beside ONNX."""

from __future__ import annotations

from pathlib import Path

from compiled_models.export.card import model_card
from compiled_models.export.folder import extra, require_folder, write_json, writing_to
from compiled_models.export.llama import generation_config, stock_config
from compiled_models.export.onnx import llama_graph
from compiled_models.export.tokenizer import tokenizer_config, tokenizer_json
from construction.llama import LlamaConfig, draw_llama

__all__ = ["export_transformers_js"]


def export_transformers_js(folder: str | Path, config: LlamaConfig | None = None, *, force: bool = False) -> Path:
    """Write a stock Llama as a folder that transformers.js loads: config, tokenizer, and onnx/model.onnx in float32.

    Raises:
        InputError: if onnx is not installed.
        FileError: for a folder that cannot be written to, or with files in it.
    """
    extra("onnx", "onnx")
    network = draw_llama(config or LlamaConfig()).network()
    path = require_folder(folder, force=force)
    about = stock_config(network.config, network.units, "float32")
    with writing_to(path):
        (path / "onnx").mkdir(exist_ok=True)
        llama_graph(network).save(path / "onnx" / "model.onnx")
        write_json(path / "config.json", about | {"transformers.js_config": {"dtype": "fp32"}})
        write_json(path / "generation_config.json", generation_config())
        write_json(path / "tokenizer.json", tokenizer_json(network.config))
        write_json(path / "tokenizer_config.json", tokenizer_config(network.config))
        (path / "README.md").write_text(model_card(network), encoding="utf-8")
    return path
