"""Other people's engines on exported Llamas: each a function from files and prompts to the words that it generates.

None of these libraries is needed by tapehead. Tests skip those that are not installed; `benchmarks/llama_engines.py`
runs all that are.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from compiled_models.export import export_gguf, export_llama, export_llama_onnx, export_transformers_js
from construction.llama import LlamaConfig, llama_vocabulary
from construction.llama.config import HEAD_DIM
from construction.llama.transformer import LAYERS
from construction.llama.vocabulary import BOS, HALT, PAD
from tests.construction.llama.runs import random_runs

__all__ = ["ENGINES", "Engine", "Job", "jobs"]

CONFIG = LlamaConfig()
CONTEXT = 4096


@dataclass(frozen=True)
class Job:
    """A prompt as text and as ids, and the ids that are to follow."""

    text: str
    prompt: list[int]
    words: list[int]


def jobs(number: int, steps: int) -> list[Job]:
    """Prompts of random machines, without `<bos>`, which each tokenizer adds itself."""
    texts = llama_vocabulary(CONFIG).texts
    found = []
    for run in random_runs(CONFIG, number, steps=steps, seed=11):
        prompt = run.prompt[0].tolist()
        found.append(Job(" ".join(texts[word] for word in prompt[1:]), prompt, run.words))
    return found


@dataclass(frozen=True)
class Engine:
    """An engine in one of its ways.

    Attributes:
        name: what it is called in the table.
        module: what has to be importable; of transformers.js, a folder that $TRANSFORMERS_JS names.
        generate: from a folder to work in and the jobs to the words of each.
        right: whether it generates the same words; False for the ways that are known not to.
    """

    name: str
    module: str
    generate: Callable[[Path, Sequence[Job]], list[list[int]]]
    right: bool = True

    @property
    def missing(self) -> str:
        """Why it cannot run here; "" if it can."""
        if self.module == "transformers.js":
            there = shutil.which("node") and Path(os.environ.get("TRANSFORMERS_JS", ""), "node_modules").is_dir()
            return "" if there else "no transformers.js: $TRANSFORMERS_JS names no folder with its node_modules"
        return "" if importlib.util.find_spec(self.module) else f"{self.module} is not installed"

    @property
    def version(self) -> str:
        """The version of what runs."""
        if self.module == "transformers.js":
            package = Path(os.environ["TRANSFORMERS_JS"], "node_modules/@huggingface/transformers/package.json")
            return str(json.loads(package.read_text())["version"])
        return str(importlib.import_module(self.module).__version__)


# -- llama.cpp -------------------------------------------------------------------------------------------------------


def llama_cpp(type: str, **options: Any) -> Callable[[Path, Sequence[Job]], list[list[int]]]:
    """llama.cpp with weights of a type, from text."""

    def generate(folder: Path, work: Sequence[Job]) -> list[list[int]]:
        from llama_cpp import Llama

        file = export_gguf(folder / f"{type}.gguf", type=type, force=True)
        model = Llama(str(file), n_ctx=CONTEXT, n_threads=1, verbose=False, **options)
        answers = []
        for job in work:
            ids = model.tokenize(job.text.encode(), add_bos=True, special=True)
            model.reset()
            words: list[int] = []
            for word in model.generate(ids, temp=0.0, top_k=1, repeat_penalty=1.0):
                words.append(word)
                if word == HALT or len(words) == len(job.words):
                    break
            answers.append(words)
        return answers

    return generate


# -- ONNX Runtime ----------------------------------------------------------------------------------------------------


def onnx_runtime(folder: Path, work: Sequence[Job]) -> list[list[int]]:
    """ONNX Runtime, with keys and values handed back to it at every word."""
    import onnxruntime

    file = export_llama_onnx(folder / "llama.onnx", force=True)
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    names = [f"{layer}.{kind}" for layer in range(LAYERS) for kind in ("key", "value")]
    answers = []
    for job in work:
        past = {f"past_key_values.{name}": np.zeros((1, CONFIG.heads, 0, HEAD_DIM), np.float32) for name in names}
        new, seen, words = job.prompt, 0, list[int]()
        while len(words) < len(job.words) and words[-1:] != [HALT]:
            seen += len(new)
            feed: dict[str, Any] = {
                "input_ids": np.array([new], np.int64),
                "attention_mask": np.ones((1, seen), np.int64),
                "position_ids": np.arange(seen - len(new), seen, dtype=np.int64)[None],
            }
            logits, *present = session.run(None, feed | past)
            past = dict(zip(past, present, strict=True))
            new = [int(logits[0, -1].argmax())]
            words += new
        answers.append(words)
    return answers


def onnx_runtime_genai(folder: Path, work: Sequence[Job]) -> list[list[int]]:
    """onnxruntime-genai, which keeps the cache itself."""
    import onnxruntime_genai

    home = folder / "genai"
    home.mkdir(exist_ok=True)
    export_llama_onnx(home / "model.onnx", force=True)
    inputs = {name: name for name in ("input_ids", "attention_mask", "position_ids")}
    decoder = {
        "filename": "model.onnx",
        "head_size": HEAD_DIM,
        "hidden_size": CONFIG.hidden,
        "num_attention_heads": CONFIG.heads,
        "num_key_value_heads": CONFIG.heads,
        "num_hidden_layers": LAYERS,
        "inputs": inputs | {"past_key_names": "past_key_values.%d.key", "past_value_names": "past_key_values.%d.value"},
        "outputs": {
            "logits": "logits",
            "present_key_names": "present.%d.key",
            "present_value_names": "present.%d.value",
        },
    }
    ids = {"bos_token_id": BOS, "eos_token_id": HALT, "pad_token_id": PAD}
    model = {"type": "llama", "context_length": CONTEXT, "vocab_size": CONFIG.words, "decoder": decoder} | ids
    search = {"do_sample": False, "max_length": CONTEXT, "past_present_share_buffer": False}
    (home / "genai_config.json").write_text(json.dumps({"model": model, "search": search}))
    loaded = onnxruntime_genai.Model(str(home))
    answers = []
    for job in work:
        options = onnxruntime_genai.GeneratorParams(loaded)
        options.set_search_options(max_length=len(job.prompt) + len(job.words), do_sample=False)
        generator = onnxruntime_genai.Generator(loaded, options)
        generator.append_tokens(job.prompt)
        words = []
        while not generator.is_done():
            generator.generate_next_token()
            words.append(int(generator.get_next_tokens()[0]))
        answers.append(words)
    return answers


# -- CTranslate2 -----------------------------------------------------------------------------------------------------


def ctranslate2(kind: str) -> Callable[[Path, Sequence[Job]], list[list[int]]]:
    """CTranslate2 in a type of arithmetic."""

    def generate(folder: Path, work: Sequence[Job]) -> list[list[int]]:
        import ctranslate2 as library
        from ctranslate2.converters import TransformersConverter

        source = export_llama(folder / "source", force=True)
        TransformersConverter(str(source)).convert(str(folder / "converted"), force=True)
        generator = library.Generator(str(folder / "converted"), compute_type=kind, intra_threads=1)
        vocabulary = llama_vocabulary(CONFIG)
        answers = []
        for job in work:
            texts = [vocabulary.texts[word] for word in job.prompt]
            options = {"max_length": len(job.words), "sampling_topk": 1, "include_prompt_in_result": False}
            found = generator.generate_batch([texts], end_token=[HALT], return_end_token=True, **options)[0]
            answers.append(list(found.sequences_ids[0]))
        return answers

    return generate


# -- transformers.js -------------------------------------------------------------------------------------------------

SCRIPT = """
import { AutoTokenizer, AutoModelForCausalLM, env } from "@huggingface/transformers";
import { readFileSync } from "node:fs";
const [folder, file] = process.argv.slice(2);
env.allowRemoteModels = false;
env.localModelPath = "";
const tokenizer = await AutoTokenizer.from_pretrained(folder);
const model = await AutoModelForCausalLM.from_pretrained(folder);
const answers = [];
for (const { text, length } of JSON.parse(readFileSync(file))) {
  const inputs = tokenizer(text);
  const out = await model.generate({ ...inputs, max_new_tokens: length, do_sample: false });
  answers.push(out.tolist()[0].slice(inputs.input_ids.dims[1]).map(Number));
}
console.log("ANSWERS" + JSON.stringify(answers));
"""


def transformers_js(folder: Path, work: Sequence[Job]) -> list[list[int]]:
    """transformers.js in Node, from text."""
    home = Path(os.environ["TRANSFORMERS_JS"])
    model = export_transformers_js(folder / "js", force=True)
    script, file = home / "run_tapehead.mjs", folder / "jobs.json"
    script.write_text(SCRIPT)
    file.write_text(json.dumps([{"text": job.text, "length": len(job.words)} for job in work]))
    found = subprocess.run(
        ["node", script, str(model), str(file)], cwd=home, capture_output=True, text=True, check=False, timeout=600
    )
    if "ANSWERS" not in found.stdout:
        raise RuntimeError(found.stderr[-2000:])
    answers: list[list[int]] = json.loads(found.stdout.split("ANSWERS")[1])
    return answers


Q8_0 = 8  # llama.cpp's number of the type
ENGINES = (
    Engine("ONNX Runtime, float32", "onnxruntime", onnx_runtime),
    Engine("onnxruntime-genai, float32", "onnxruntime_genai", onnx_runtime_genai),
    Engine("llama.cpp, f32", "llama_cpp", llama_cpp("f32")),
    Engine("llama.cpp, f16", "llama_cpp", llama_cpp("f16")),
    Engine("llama.cpp, bf16", "llama_cpp", llama_cpp("bf16")),
    Engine("llama.cpp, q8_0", "llama_cpp", llama_cpp("q8_0")),
    Engine("llama.cpp, f16, cache of keys in q8_0", "llama_cpp", llama_cpp("f16", type_k=Q8_0), right=False),
    Engine("CTranslate2, float32", "ctranslate2", ctranslate2("float32")),
    Engine("CTranslate2, int8", "ctranslate2", ctranslate2("int8_float32"), right=False),
    Engine("transformers.js in Node, float32", "transformers.js", transformers_js),
)
