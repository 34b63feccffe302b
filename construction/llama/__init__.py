"""A stock Llama whose weights were set by hand: it runs every Turing machine written in its prompt.

Two layers, two heads, three words a step; one set of weights, exact in float32, bfloat16 and float16. docs/llama.md
lays it beside the base network. What is listed here is imported, and PyTorch with it, when it is asked for.

>>> from construction.llama import LlamaCodec, llama_network, tokens_of
>>> from tm import Machine
>>> network = llama_network()
>>> codec = LlamaCodec(network.config, Machine.read("1RB1LB_1LA1RZ"))
>>> tokens = tokens_of(network.config, codec.prompt())
>>> codec.vocabulary.texts[network(tokens)[0, -1].argmax()]
'A0'
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tm.lazy import lazily

if TYPE_CHECKING:
    from construction.llama.blueprint import LlamaBlueprint
    from construction.llama.certificate import LlamaCertificate, certified_words, certify_llama
    from construction.llama.codec import LlamaCodec, tokens_of
    from construction.llama.config import LlamaConfig
    from construction.llama.network import draw_llama, llama_network
    from construction.llama.prompt import require_prompt
    from construction.llama.slots import Slots
    from construction.llama.transformer import LlamaTransformer
    from construction.llama.vocabulary import LlamaVocabulary, llama_vocabulary

__all__ = [
    "LlamaBlueprint",
    "LlamaCertificate",
    "LlamaCodec",
    "LlamaConfig",
    "LlamaTransformer",
    "LlamaVocabulary",
    "Slots",
    "certified_words",
    "certify_llama",
    "draw_llama",
    "llama_network",
    "llama_vocabulary",
    "require_prompt",
    "tokens_of",
]

_MODULES = {
    ".blueprint": ("LlamaBlueprint",),
    ".certificate": ("LlamaCertificate", "certified_words", "certify_llama"),
    ".codec": ("LlamaCodec", "tokens_of"),
    ".config": ("LlamaConfig",),
    ".network": ("draw_llama", "llama_network"),
    ".prompt": ("require_prompt",),
    ".slots": ("Slots",),
    ".transformer": ("LlamaTransformer",),
    ".vocabulary": ("LlamaVocabulary", "llama_vocabulary"),
}

if not TYPE_CHECKING:
    __getattr__, __dir__ = lazily(__name__, _MODULES, __all__)
