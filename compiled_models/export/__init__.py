"""Networks as other programs read them, a file for each target. What a target needs beyond this library is an extra.

>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     sorted(path.name for path in export_llama(f"{folder}/llama").iterdir())[:3]
['README.md', 'config.json', 'generation_config.json']
"""

from compiled_models.export.llama import export_llama

__all__ = ["export_llama"]
