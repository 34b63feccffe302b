"""The stock Llama's tokenizer, as `tokenizers` reads it: a word is a token, and a run is decoded a step a line."""

from __future__ import annotations

from typing import Any

from construction.llama import LlamaConfig, llama_vocabulary
from construction.llama.vocabulary import BOS, SPECIAL

__all__ = ["CHAT_TEMPLATE", "tokenizer_config", "tokenizer_json"]

CHAT_TEMPLATE = "{{ bos_token }}{% for message in messages %}{{ message['content'] }}{% endfor %}"


def tokenizer_json(config: LlamaConfig) -> dict[str, Any]:
    """The content of tokenizer.json.

    >>> tokenizer_json(LlamaConfig())["model"]["vocab"]["A0"]
    6
    """
    bos = {"SpecialToken": {"id": "<bos>", "type_id": 0}}
    texts = [{"Sequence": {"id": name, "type_id": 0}} for name in "AB"]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(number, text) for number, text in enumerate(SPECIAL)],
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Split",
            "pattern": {"Regex": r"[\s:;,]+"},
            "behavior": "Removed",
            "invert": False,
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [bos, texts[0]],
            "pair": [bos, *texts],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [BOS], "tokens": ["<bos>"]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                _replace(r"^(?=[A-Z]+[0-9a-z]?$)", "\n"),  # a situation or a start begins a line
                _replace(r"^(?=[@0-9a-z<])", " "),
                {"type": "Fuse"},
                _replace(r"^\s", ""),
            ],
        },
        "model": {"type": "WordLevel", "vocab": llama_vocabulary(config).ids, "unk_token": "<unk>"},
    }


def _added(number: int, text: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": text, **flags, "special": True}


def _replace(pattern: str, content: str) -> dict[str, Any]:
    return {"type": "Replace", "pattern": {"Regex": pattern}, "content": content}


def tokenizer_config(config: LlamaConfig) -> dict[str, Any]:
    """The content of tokenizer_config.json; the class is spelled out, since others would add what is not here."""
    return {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<bos>",
        "eos_token": "<halt>",
        "pad_token": "<pad>",
        "unk_token": "<unk>",
        "padding_side": "left",
        "model_max_length": config.context,
        "model_input_names": ["input_ids", "attention_mask"],
        "clean_up_tokenization_spaces": False,
        "chat_template": CHAT_TEMPLATE,
    }
