"""`export_gguf`: a stock Llama as a GGUF file, which llama.cpp runs from text.

What llama.cpp wants otherwise than transformers: the rotary pairs of a query interleaved instead of in halves; a
vocabulary of whole words, all "user defined", so that its tokenizer finds each wherever it stands, in the form that it
prints (with its white space), and behind them bare forms, which are read and never generated; and some merge, though
none is used. What is no word its tokenizer would leave out without a word: so every byte that separates nothing is a
word too, and as unknown as `<unk>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from compiled_models.atomic import replacing, require_replaceable
from compiled_models.export.tokenizer import CHAT_TEMPLATE
from compiled_models.extra import extra
from construction.llama import LlamaConfig, LlamaTransformer, draw_llama, llama_vocabulary
from construction.llama.config import HEAD_DIM, THETA
from construction.llama.transformer import EPSILON, LAYERS
from construction.llama.vocabulary import BOS, HALT, PAD, SPECIAL, UNKNOWN
from tm import InputError, Problem

__all__ = ["GGUF_TYPES", "export_gguf"]

GGUF_TYPES = {"f32": 0, "f16": 1, "bf16": 32, "q8_0": 7}
"""Number formats of a file, and llama.cpp's numbers for them."""
PADDED = 64
"""The vocabulary is padded to a multiple of this, as kernels like it."""
NORMAL, UNKNOWN_TYPE, CONTROL, USER_DEFINED = 1, 2, 3, 4
SEPARATING = b"\t\n\v\f\r ,:;"
"""What stands between two words of a prompt."""
NEVER = -64.0 * 64.0
"""The weight of the constant for the logit of a word that is never generated."""
LAYER_TENSORS = {
    "input_layernorm": "attn_norm",
    "post_attention_layernorm": "ffn_norm",
    "self_attn.q_proj": "attn_q",
    "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output",
    "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down",
}


def export_gguf(file: str | Path, config: LlamaConfig | None = None, *, type: str = "f16", force: bool = False) -> Path:
    """Write a stock Llama as a GGUF file.

    Args:
        file: where to.
        config: the capacity, and the policy if it is a tuned one; None: the usual one.
        type: "f32", "f16", "bf16" or "q8_0" (8 bits a weight, one scale for 32).
        force: write over what is there.

    Raises:
        InputError: for another type, or if gguf is not installed.
        FileError: if the file cannot be written, or stands there and `force` is not given.
    """
    if type not in GGUF_TYPES:
        raise InputError(Problem("the stock Llama is not exact in this type", ", ".join(GGUF_TYPES), repr(type)))
    gguf = extra("gguf", "gguf")
    require_replaceable(file, force=force)
    network = draw_llama(config or LlamaConfig()).network()
    with replacing(file, force=force) as beside:
        writer = gguf.GGUFWriter(beside, "llama")
        _write_sizes(writer, network, type)
        aliases = _write_vocabulary(writer, network.config)
        for name, tensor, narrow in _tensors(network, aliases):
            _add(gguf, writer, name, tensor, type if narrow else "f32")
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
    return Path(file)


def _write_sizes(writer: Any, network: LlamaTransformer, type: str) -> None:
    config = network.config
    writer.add_name("tapehead-llama")
    writer.add_license("apache-2.0")
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.hidden)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(network.units)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.heads)
    writer.add_key_length(HEAD_DIM)
    writer.add_value_length(HEAD_DIM)
    writer.add_rope_dimension_count(HEAD_DIM)
    writer.add_rope_freq_base(THETA)
    writer.add_layer_norm_rms_eps(EPSILON)
    writer.add_file_type(GGUF_TYPES[type])


def _write_vocabulary(writer: Any, config: LlamaConfig) -> list[int]:
    """Write the vocabulary; the id that each word behind those of the network is read as, -1 for what fills up."""
    words = llama_vocabulary(config).words
    printed = [_printed(word.text, word.kind) for word in words]
    bare = [(word.text, number) for number, word in enumerate(words) if word.text != printed[number]]
    known = {*printed, *(text for text, _ in bare)}
    letters = [(letter, UNKNOWN) for letter in _letters_of_no_word() if letter not in known]
    filling = [(f"<unused{n}>", -1) for n in range(-(len(words) + len(bare) + len(letters)) % PADDED)]
    behind = [*bare, *letters, *filling]
    texts = [*printed, *(text for text, _ in behind)]  # user-defined words are no spelled bytes: white space as it is
    types = [CONTROL if word.text in SPECIAL else USER_DEFINED for word in words]
    types += [NORMAL if number == UNKNOWN else USER_DEFINED for _, number in behind]
    types[UNKNOWN] = UNKNOWN_TYPE
    writer.add_vocab_size(len(texts))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(texts)
    writer.add_token_types(types)
    writer.add_token_merges(["Ġ Ġ"])
    writer.add_bos_token_id(BOS)
    writer.add_eos_token_id(HALT)
    writer.add_unk_token_id(UNKNOWN)
    writer.add_pad_token_id(PAD)
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE.replace("{{ bos_token }}", ""))  # llama.cpp adds it itself
    return [number for _, number in behind]


def _letters_of_no_word() -> Iterator[str]:
    """The bytes that separate no words, spelled as byte-level tokenizers spell them (GPT-2's)."""
    shown = {*range(ord("!"), ord("~") + 1), *range(ord("¡"), ord("¬") + 1), *range(ord("®"), ord("ÿ") + 1)}
    hidden = (byte for byte in range(256) if byte not in shown)
    spelled = {byte: byte for byte in shown} | {byte: 256 + number for number, byte in enumerate(hidden)}
    yield from (chr(spelled[byte]) for byte in range(256) if byte not in SEPARATING)


def _printed(text: str, kind: str) -> str:
    """A word with the white space that is printed with it: a step a line.

    >>> _printed("1RB", "action"), _printed("@3", "address"), _printed("A0", "situation")
    (' 1RB', ' @3\\n', 'A0')
    """
    if kind == "address":
        return f" {text}\n"
    return f" {text}" if kind in ("action", "symbol") else text


def _tensors(network: LlamaTransformer, aliases: list[int]) -> list[tuple[str, torch.Tensor, bool]]:
    """The tensors under llama.cpp's names, and whether each is stored in the file's format (norms never are)."""
    weights = {name.removesuffix(".weight"): weight.detach() for name, weight in network.state_dict().items()}
    known = torch.tensor([max(number, 0) for number in aliases], dtype=torch.int64)
    embedding, unembedding = weights["model.embed_tokens"], weights["lm_head"]
    never = torch.zeros(len(aliases), network.config.hidden)
    never[:, 0] = NEVER
    tensors = [
        ("token_embd.weight", torch.cat([embedding, embedding[known]]), True),
        ("output.weight", torch.cat([unembedding, never]), True),
        ("output_norm.weight", weights["model.norm"], False),
    ]
    for layer in range(LAYERS):
        for ours, theirs in LAYER_TENSORS.items():
            tensor = weights[f"model.layers.{layer}.{ours}"]
            if theirs in ("attn_q", "attn_k"):
                tensor = _interleaved(tensor, network.config.heads)
            tensors.append((f"blk.{layer}.{theirs}.weight", tensor, tensor.dim() > 1))
    return tensors


def _interleaved(weight: torch.Tensor, heads: int) -> torch.Tensor:
    """The rows of a query or a key with the two channels of a rotary pair side by side, not 32 apart."""
    return weight.reshape(heads, 2, HEAD_DIM // 2, -1).swapaxes(1, 2).reshape(weight.shape)


def _add(gguf: Any, writer: Any, name: str, tensor: torch.Tensor, type: str) -> None:
    values: NDArray[np.float32] = tensor.contiguous().numpy().astype(np.float32)
    if type == "f32":
        writer.add_tensor(name, values)
    elif type == "f16":
        writer.add_tensor(name, values.astype(np.float16))
    else:
        kind = gguf.GGMLQuantizationType[type.upper()]
        writer.add_tensor(name, gguf.quants.quantize(values, kind), raw_dtype=kind)
