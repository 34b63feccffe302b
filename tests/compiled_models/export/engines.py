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
import sys
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

__all__ = ["BB2", "ENGINES", "JS", "STEPS", "Engine", "Job", "jobs"]

CONFIG = LlamaConfig()
CONTEXT = 4096
BB2 = "A0 1RB\nA1 1LB\nB0 1LA\nB1 1RZ\nA @0"
STEPS = "A0 1RB @1\nB0 1LA @0\nA1 1LB @-1\nB0 1LA @-2\nA0 1RB @-1\nB1 1RZ @0\nZ1 <halt>"
"""The two-state busy beaver as a prompt, and the run of it as engines print it."""


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
        module: what has to be importable; or one of `HOMES`, which lies in a folder that a variable names.
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
        if self.module in HOMES:
            variable, within = HOMES[self.module]
            home = os.environ.get(variable)
            there = home and Path(home, within).is_dir() and (variable != JS or shutil.which("node"))
            return "" if there else f"no {self.module}: ${variable} names no folder with its {within}"
        return "" if importlib.util.find_spec(self.module) else f"{self.module} is not installed"

    @property
    def version(self) -> str:
        """The version of what runs."""
        if self.module == "transformers.js":
            package = Path(os.environ[JS], "node_modules/@huggingface/transformers/package.json")
            return str(json.loads(package.read_text())["version"])
        if self.module == "transformers 4":
            return next(Path(os.environ[V4]).glob("transformers-*.dist-info")).name.split("-")[1].removesuffix(".dist")
        return str(importlib.import_module(self.module).__version__)


JS, V4 = "TRANSFORMERS_JS", "TRANSFORMERS_4"
HOMES = {"transformers.js": (JS, "node_modules"), "transformers 4": (V4, "transformers")}
"""What is not installed beside us: the variable that names the folder in which it is, and what is in that."""


def answers_of(done: subprocess.CompletedProcess[str]) -> list[list[int]]:
    """What a script of an engine of its own said. Raises RuntimeError for one that failed."""
    if "ANSWERS" not in done.stdout:
        raise RuntimeError(done.stderr[-2000:])
    answers: list[list[int]] = json.loads(done.stdout.split("ANSWERS")[1])
    return answers


def written(folder: Path, work: Sequence[Job]) -> Path:
    """The jobs as a file for such a script."""
    file = folder / "jobs.json"
    file.write_text(json.dumps([{"text": job.text, "length": len(job.words)} for job in work]))
    return file


# -- transformers 4 --------------------------------------------------------------------------------------------------

SCRIPT_4 = """
import json, logging, sys, warnings
warnings.simplefilter("error")
from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM, __version__
assert __version__.startswith("4."), __version__
said = []
class Said(logging.Handler):
    def emit(self, record):
        said.append(record.getMessage())
logging.getLogger("transformers").addHandler(Said(logging.WARNING))
folder, file, dtype = sys.argv[1:]
tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
assert type(model) is LlamaForCausalLM
answers = []
for job in json.load(open(file, encoding="utf-8")):
    ids = tokenizer(job["text"], return_tensors="pt")
    out = model.generate(**ids, max_new_tokens=job["length"])[0]
    answers.append(out[ids["input_ids"].shape[1]:].tolist())
assert not said, said
print("ANSWERS" + json.dumps(answers))
"""


def transformers_4(dtype: str) -> Callable[[Path, Sequence[Job]], list[list[int]]]:
    """transformers 4, as `pip install --target FOLDER 'transformers<5'` has it, from text; a warning is an error."""

    def generate(folder: Path, work: Sequence[Job]) -> list[list[int]]:
        checkpoint = export_llama(folder / "tapehead-llama", force=True)
        command = [sys.executable, "-c", SCRIPT_4, str(checkpoint), str(written(folder, work)), dtype]
        paths = {**os.environ, "PYTHONPATH": os.environ[V4]}
        return answers_of(subprocess.run(command, cwd=folder, env=paths, capture_output=True, text=True, check=False))

    return generate


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
    home = Path(os.environ[JS])
    model = export_transformers_js(folder / "js", force=True)
    script = home / "run_tapehead.mjs"
    script.write_text(SCRIPT)
    command = ["node", str(script), str(model), str(written(folder, work))]
    return answers_of(subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=600))


Q8_0 = 8  # llama.cpp's number of the type
ENGINES = (
    Engine("transformers 4, float32", "transformers 4", transformers_4("float32")),
    Engine("transformers 4, bfloat16", "transformers 4", transformers_4("bfloat16")),
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
