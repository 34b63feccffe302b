"""The exported Llama as its users have it: transformers alone loads it, without a warning, and it runs machines."""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import torch

from compiled_models.export import export_llama, export_transformers_js, tuned_llama_config
from construction.llama import LlamaCodec, LlamaConfig, llama_vocabulary, tokens_of
from construction.llama.transformer import ATTENTIONS, FORMATS
from construction.llama.vocabulary import PAD, SPECIAL
from tests.commands import tapehead
from tests.compiled_models.export.engines import BB2, STEPS
from tests.construction.llama.runs import random_runs
from tm import FileError, InputError, library

if TYPE_CHECKING:  # it takes seconds to import, which every worker would wait for while it collects tests
    from transformers import LlamaForCausalLM

CONFIG = LlamaConfig()


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """The usual checkpoint."""
    return export_llama(tmp_path_factory.mktemp("export") / "tapehead-llama")


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """No progress bar."""
    import transformers

    transformers.utils.logging.disable_progress_bar()
    yield
    transformers.utils.logging.enable_progress_bar()


def model_of(folder: Path, dtype: str = "float32", attention: str = "sdpa") -> LlamaForCausalLM:
    """The checkpoint as transformers loads it."""
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, dtype=FORMATS[dtype], attn_implementation=attention)


def test_it_is_a_stock_llama_that_loads_without_a_word(folder: Path, caplog):
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM

    with warnings.catch_warnings(), caplog.at_level(logging.WARNING):
        warnings.simplefilter("error")
        tokenizer, model = AutoTokenizer.from_pretrained(folder), AutoModelForCausalLM.from_pretrained(folder)
        ids = tokenizer(BB2, return_tensors="pt")
        text = tokenizer.decode(model.generate(**ids, max_new_tokens=99)[0])
    assert not caplog.records
    assert type(model) is LlamaForCausalLM
    assert not list(folder.glob("*.py"))
    assert sum(file.stat().st_size for file in folder.iterdir()) <= 6_000_000
    assert text == f"<bos>\n{BB2}\n{STEPS}"


def test_the_tokenizer_is_ours(folder: Path):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    codec = LlamaCodec(CONFIG, library.load("increment"))
    for text in (codec.prompt("1011", 1), "A0:1RB; B1, 0LA\n\t@-2048 3", "what is this A0", ""):
        assert tokenizer(text)["input_ids"] == tokens_of(CONFIG, text)[0].tolist()
    assert list(tokenizer("A @0")) == ["input_ids", "attention_mask"]
    written = tokenizer.decode(tokenizer(codec.prompt("1011"))["input_ids"], skip_special_tokens=True)
    assert tokenizer(written)["input_ids"] == tokenizer(codec.prompt("1011"))["input_ids"]
    chat = tokenizer.apply_chat_template([{"role": "user", "content": "A @0"}], tokenize=False)
    assert chat == "<bos>A @0"


@pytest.mark.parametrize("attention", ATTENTIONS)
@pytest.mark.parametrize("dtype", FORMATS)
@torch.no_grad()
def test_the_same_words_left_padded_at_temperature_1_and_with_a_repetition_penalty(
    folder: Path, dtype: str, attention: str
):
    model = model_of(folder, dtype, attention)
    runs = random_runs(CONFIG, 8, steps=10, seed=4)
    width = max(run.prompt.shape[1] for run in runs)
    ids = torch.full((len(runs), width), PAD)
    for row, run in zip(ids, runs, strict=True):
        row[width - run.prompt.shape[1] :] = run.prompt[0]
    torch.manual_seed(0)
    ways: tuple[dict[str, Any], ...] = ({}, {"do_sample": True, "temperature": 1.0}, {"repetition_penalty": 1.1})
    for way in ways:
        out = model.generate(ids, attention_mask=(ids != PAD).long(), max_new_tokens=30, **way)[:, width:]
        for row, run in zip(out.tolist(), runs, strict=True):
            length = min(len(run.words), len(row))
            assert row[:length] == run.words[:length]


def test_every_number_format_holds_the_same_numbers(folder: Path, tmp_path: Path):
    weights = model_of(folder).state_dict()
    for dtype in ("bfloat16", "float16"):
        other = model_of(export_llama(tmp_path / dtype, dtype=dtype), dtype).state_dict()
        assert all(torch.equal(weights[name], other[name].float()) for name in weights)


def test_a_tuned_llama_has_its_rules_in_the_weights(tmp_path: Path):
    machine = library.load("increment")
    config = tuned_llama_config(machine)
    codec, model = LlamaCodec(config, machine), model_of(export_llama(tmp_path / "tuned", config), "bfloat16")
    prompt = codec.prompt("1011")
    assert prompt == "@0 1\n@1 2\n@2 1\n@3 1\nA @0"
    ids = tokens_of(config, prompt)
    out = model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=99)[0, ids.shape[1] :]
    assert [codec.vocabulary.texts[word] for word in out] == list(codec.run("1011"))
    assert "right" in (tmp_path / "tuned" / "README.md").read_text()


def test_both_spellings_of_the_keys_that_transformers_renamed(folder: Path):
    config = json.loads((folder / "config.json").read_text())
    assert config["rope_theta"] == config["rope_parameters"]["rope_theta"] == 1e24
    assert config["dtype"] == config["torch_dtype"] == "float32"


@pytest.mark.parametrize("export", [export_llama, export_transformers_js])
@pytest.mark.parametrize("config", [CONFIG, LlamaConfig(states=30, symbols=12, cells=64)], ids=str)
def test_the_card_says_what_the_model_is(tmp_path: Path, export: Callable[..., Path], config: LlamaConfig):
    card = (export(tmp_path / "a llama", config) / "README.md").read_text()
    vocabulary = llama_vocabulary(config)
    library = "transformers" if export is export_llama else "transformers.js"
    assert card.startswith(f"---\nlicense: apache-2.0\nlibrary_name: {library}\n")
    assert card.count("```") == 2
    assert card.count('from_pretrained("a llama")') == 2
    for words in (vocabulary.states, vocabulary.symbols):
        assert f"{', '.join(words[:-1])} and {words[-1]}" in card
    for word in ("A0 1RB", "<halt>", "<edge>", "<error>", f"`@{config.first_cell}`", "131,072 words"):
        assert word in card
    assert "{" not in card.split("```")[2]
    text = card.split("```")[2]
    assert set(re.findall("<[a-z]+>", text)) == set(SPECIAL) - {"<unk>"}


def test_the_code_of_the_card_runs_and_prints_the_run(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    odd = 'a "b" \\ é'
    for name, machine in (("usual", None), (odd, None), ("tuned", library.load("bb2"))):
        config = CONFIG if machine is None else tuned_llama_config(machine)
        card = (export_llama(name, config) / "README.md").read_text()
        exec(card.split("```python\n")[1].split("```")[0], {})
        prompt = "A @0" if machine else BB2
        assert capsys.readouterr().out == f"<bos>\n{prompt}\n{STEPS}\n"


def test_the_card_of_a_tuned_llama_speaks_of_no_rules(tmp_path: Path):
    card = (export_llama(tmp_path / "tuned", tuned_llama_config(library.load("increment"))) / "README.md").read_text()
    grammar = card.split("## The prompt")[1].split("Capacity")[0]
    assert "rule is a" not in grammar
    assert "situation action |" not in grammar
    assert "contradict" not in card
    assert "- right is written A" in card


def test_the_command(capsys, tmp_path: Path):
    status, out, _ = tapehead(capsys, "export", "llama", "-o", str(tmp_path / "a"), "--dtype", "bfloat16")
    assert (status, "6 files" in out) == (0, True)
    status, _, err = tapehead(capsys, "export", "llama", "-o", str(tmp_path / "a"))
    assert (status, "there are files in this folder" in err) == (2, True)
    status, _, err = tapehead(capsys, "export", "llama", "-o", str(tmp_path / "b"), "--cells", "100")
    assert (status, "power of two" in err) == (2, True)
    status, _, err = tapehead(capsys, "export", "llama", "-o", str(tmp_path / "c"), "--tuned", "two_tape_add")
    assert (status, "one tape" in err) == (2, True)
    assert not (tmp_path / "b").exists()


def test_what_cannot_be_written(tmp_path: Path):
    (tmp_path / "file").write_text("precious")
    with pytest.raises(FileError, match="cannot be written to"):
        export_llama(tmp_path / "file")
    with pytest.raises(InputError, match="float32, bfloat16, float16"):
        export_llama(tmp_path / "new", dtype="float64")


@pytest.mark.parametrize("page", ["README.md", "docs/llama.md"])
def test_what_the_pages_show_is_what_is_printed(page: str, tmp_path: Path, monkeypatch, capsys):
    text = (Path(__file__).parents[3] / page).read_text()
    text = text[text.index("tapehead export llama -o tapehead-llama") :]
    monkeypatch.chdir(tmp_path)
    status, out, _ = tapehead(capsys, "export", "llama", "-o", "tapehead-llama")
    assert status == 0
    if page != "README.md":
        assert text.startswith(f"tapehead export llama -o tapehead-llama\n{out}```")
    code, shown = re.findall(r"```(?:python|text)\n(.*?)```", text, re.DOTALL)[:2]
    exec(code, {})
    printed = capsys.readouterr().out
    assert printed == f"<bos>\n{BB2}\n{STEPS}\n"
    assert shown == (printed.removeprefix(f"<bos>\n{BB2}\n") if page == "README.md" else printed)
