"""`export_llama`: a checkpoint folder that `transformers` loads as an ordinary Llama, with none of our code.

It needs no transformers to be written. Both spellings of a key are written where transformers 4 and 5 differ: one that
reads the other's finds nothing, and takes its own default without a word.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetensors.torch import save

from compiled_models.export.card import model_card, python_code
from compiled_models.export.folder import json_bytes, require_folder, write_folder
from compiled_models.export.tokenizer import tokenizer_config, tokenizer_json
from construction.llama import LlamaConfig, LlamaTransformer, Slots, draw_llama
from construction.llama.config import HEAD_DIM, THETA
from construction.llama.transformer import EPSILON, FORMATS, LAYERS
from construction.llama.vocabulary import BOS, HALT, PAD
from tm import InputError, Machine, Problem

__all__ = ["export_llama", "stock_config", "tuned_llama_config"]


def export_llama(
    folder: str | Path, config: LlamaConfig | None = None, *, dtype: str = "float32", force: bool = False
) -> Path:
    """Write a stock Llama as a checkpoint folder: config, weights, tokenizer, generation config, model card.

    Args:
        folder: a new or an empty one.
        config: the capacity, and the policy if the rules are to be in the weights (`tuned_llama_config`); None: the
            usual one.
        dtype: the number format of the file, "float32", "bfloat16" or "float16"; the numbers are the same in all.
        force: write into a folder that is not empty: an earlier export goes, files of other names stay.

    Raises:
        FileError: for a folder that cannot be written to, or with files in it.
        InputError: for another number format.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     size = (export_llama(folder, dtype="bfloat16") / "model.safetensors").stat().st_size
    >>> size < 3_000_000
    True
    """
    if dtype not in FORMATS:
        raise InputError(Problem("the stock Llama is not exact in this number format", ", ".join(FORMATS), repr(dtype)))
    require_folder(folder, force=force)
    network = draw_llama(config or LlamaConfig()).network(dtype=FORMATS[dtype])
    name = Path(folder).resolve().name
    files = text_files(network, dtype, model_card(network, python_code(network.config, name), name))
    tensors = {name: weight.detach().contiguous() for name, weight in network.state_dict().items()}
    return write_folder(folder, files | {"model.safetensors": save(tensors, {"format": "pt"})}, force=force)


def text_files(network: LlamaTransformer, dtype: str, card: str) -> dict[str, bytes]:
    """The files of a checkpoint but for its weights, by name."""
    config = network.config
    return {
        "README.md": card.encode(),
        "config.json": json_bytes(stock_config(config, network.units, dtype)),
        "generation_config.json": json_bytes(generation_config()),
        "tokenizer.json": json_bytes(tokenizer_json(config)),
        "tokenizer_config.json": json_bytes(tokenizer_config(config)),
    }


def stock_config(config: LlamaConfig, units: int, dtype: str) -> dict[str, Any]:
    """The content of config.json."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "vocab_size": config.words,
        "hidden_size": config.hidden,
        "intermediate_size": units,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.heads,
        "head_dim": HEAD_DIM,
        "hidden_act": "silu",
        "max_position_embeddings": config.context,
        "rms_norm_eps": EPSILON,
        "rope_parameters": {"rope_type": "default", "rope_theta": THETA},  # transformers 5
        "rope_theta": THETA,  # transformers 4, and most converters
        "attention_bias": False,
        "attention_dropout": 0.0,
        "mlp_bias": False,
        "tie_word_embeddings": False,
        "use_cache": True,
        "pad_token_id": PAD,
        "bos_token_id": BOS,
        "eos_token_id": HALT,
        "dtype": dtype,  # transformers 5
        "torch_dtype": dtype,  # transformers 4
    }


def generation_config() -> dict[str, Any]:
    """The content of generation_config.json."""
    return {"do_sample": False, "pad_token_id": PAD, "bos_token_id": BOS, "eos_token_id": HALT}


def tuned_llama_config(machine: Machine, **sizes: Any) -> LlamaConfig:
    """The configuration of a Llama that has a machine's rules in its weights; its prompt holds the tape alone.

    Args:
        machine: with one tape and no weighted rules.
        **sizes: as of `LlamaConfig`; by default grown to the machine.

    Raises:
        CapacityError: if the machine does not fit.

    >>> str(tuned_llama_config(Machine.read("1RB1LB_1LA1RZ")))
    'tuned llama, 8 states, 4 symbols, 4,096 cells, hidden 128'
    """
    config = LlamaConfig.fitting(machine, **sizes)
    Slots.of(config, machine)
    return config.tuned_to(machine.write())
