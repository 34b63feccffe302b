"""The exported Llama in other people's engines: the same words. What is not installed is skipped, and says so."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from compiled_models.export import export_gguf, export_llama_onnx, export_transformers_js, tuned_llama_config
from construction.llama import LlamaConfig, llama_vocabulary, tokens_of
from tests.compiled_models.export.engines import BB2, ENGINES, JS, STEPS, Engine, Job, jobs
from tests.construction.llama.test_network import PROMPTS
from tm import library


@pytest.mark.filterwarnings("default")  # theirs are not ours
@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine.right], ids=lambda engine: engine.name)
def test_an_engine_generates_the_same_words(engine: Engine, tmp_path: Path):
    if engine.missing:
        pytest.skip(engine.missing)
    work = jobs(4, steps=20)
    assert engine.generate(tmp_path, work) == [job.words for job in work]


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("engine", [engine for engine in ENGINES if engine.right], ids=lambda engine: engine.name)
def test_an_engine_answers_bad_prompts_as_the_network_does(engine: Engine, tmp_path: Path):
    if engine.missing:
        pytest.skip(engine.missing)
    ids, work = llama_vocabulary(LlamaConfig()).ids, []
    for text, answer in PROMPTS.values():
        prompt = tokens_of(LlamaConfig(), text)[0].tolist()
        work.append(Job(text, prompt, [ids[word] for word in answer.split()]))
    assert len(work) > 20
    assert engine.generate(tmp_path, work) == [job.words for job in work]


def test_one_of_them_runs_wherever_tests_do():
    assert [engine.name for engine in ENGINES if not engine.missing]


def test_onnx_runtime_left_padded(tmp_path: Path):
    session = onnxruntime.InferenceSession(export_llama_onnx(tmp_path / "llama.onnx"))
    work = jobs(3, steps=20)
    width = max(len(job.prompt) + len(job.words) for job in work)
    rows = [[0] * (width - len(job.prompt + job.words)) + job.prompt + job.words for job in work]
    mask = (np.array(rows) > 0).astype(np.int64)
    feed = {"input_ids": np.array(rows), "attention_mask": mask, "position_ids": np.maximum(mask.cumsum(1) - 1, 0)}
    shape = (len(work), 2, 0, 64)
    feed |= {f"past_key_values.{n}.{kind}": np.zeros(shape, np.float32) for n in (0, 1) for kind in ("key", "value")}
    logits = session.run(["logits"], feed)[0]
    for row, job in zip(logits, work, strict=True):
        assert row[-len(job.words) - 1 : -1].argmax(-1).tolist() == job.words


def test_llama_cpp_prints_a_step_a_line(tmp_path: Path):
    llama_cpp = pytest.importorskip("llama_cpp")
    model = llama_cpp.Llama(str(export_gguf(tmp_path / "a.gguf")), n_ctx=256, verbose=False)
    answer = model(BB2, max_tokens=99, temperature=0.0)["choices"][0]["text"]
    assert answer == STEPS.removesuffix(" <halt>")


def test_the_javascript_of_a_card_runs_and_prints_the_run(tmp_path: Path):
    engine = next(engine for engine in ENGINES if engine.module == "transformers.js")
    if engine.missing:
        pytest.skip(engine.missing)
    (tmp_path / "node_modules").symlink_to(Path(os.environ[JS], "node_modules").resolve())
    for name, machine in (("a llama", None), ("tuned", library.load("bb2"))):
        config = None if machine is None else tuned_llama_config(machine)
        card = (export_transformers_js(tmp_path / name, config) / "README.md").read_text()
        (tmp_path / "card.mjs").write_text(card.split("```js\n")[1].split("```")[0])
        done = subprocess.run(["node", "card.mjs"], cwd=tmp_path, capture_output=True, text=True, check=False)
        prompt = "A @0" if machine else BB2
        assert done.stdout == f"<bos>\n{prompt}\n{STEPS}\n", done.stderr
