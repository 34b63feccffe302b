"""`export_transformers_js`: a stock Llama as transformers.js loads it, in Node and in browsers: configs beside ONNX."""

from __future__ import annotations

from pathlib import Path

from compiled_models.export.card import javascript_code, model_card
from compiled_models.export.folder import json_bytes, require_folder, write_folder
from compiled_models.export.llama import stock_config, text_files
from compiled_models.export.onnx import llama_graph
from compiled_models.extra import extra
from construction.llama import LlamaConfig, draw_llama

__all__ = ["export_transformers_js"]


def export_transformers_js(folder: str | Path, config: LlamaConfig | None = None, *, force: bool = False) -> Path:
    """Write a stock Llama as a folder that transformers.js loads: config, tokenizer, and onnx/model.onnx in float32.

    Args:
        folder: a new or an empty one.
        config: the capacity, and the policy if it is a tuned one; None: the usual one.
        force: write into a folder that is not empty: an earlier export goes, files of other names stay.

    Raises:
        InputError: if onnx is not installed.
        FileError: for a folder that cannot be written to, or with files in it.
    """
    extra("onnx", "onnx")
    require_folder(folder, force=force)
    network = draw_llama(config or LlamaConfig()).network()
    name = Path(folder).resolve().name
    card = model_card(network, javascript_code(network.config, name), name, library="transformers.js")
    about = stock_config(network.config, network.units, "float32") | {"transformers.js_config": {"dtype": "fp32"}}
    files = text_files(network, "float32", card) | {
        "config.json": json_bytes(about),
        "onnx/model.onnx": llama_graph(network).serialized(),
    }
    return write_folder(folder, files, force=force)
