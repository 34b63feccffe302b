"""Networks as other programs read them, a file for each target. What a target needs beyond this library is an extra.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     sorted(path.name for path in export_llama(f"{folder}/llama").iterdir())[:3]
['README.md', 'config.json', 'generation_config.json']
"""

from compiled_models.export.gguf import GGUF_TYPES, export_gguf
from compiled_models.export.llama import export_llama, tuned_llama_config
from compiled_models.export.onnx import export_base_onnx, export_llama_onnx
from compiled_models.export.transformer_lens import Lens, export_transformer_lens, to_transformer_lens
from compiled_models.export.transformers_js import export_transformers_js

__all__ = [
    "GGUF_TYPES",
    "Lens",
    "export_base_onnx",
    "export_gguf",
    "export_llama",
    "export_llama_onnx",
    "export_transformer_lens",
    "export_transformers_js",
    "to_transformer_lens",
    "tuned_llama_config",
]
