"""The command line, as a user types it."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time

import click
import pytest

from compiled_models.cli import commands
from tests.commands import tapehead
from tm import Machine, library, outcome


def test_run(capsys):
    status, out, _ = tapehead(capsys, "run", "increment", "1011")
    assert status == 0
    assert "accepted after 8 steps: no rule applies in state done" in out
    assert re.search(r"tape +1\[1\]00    head on cell 1, first symbol on cell 0", out)


def test_run_json_has_the_fields_that_others_rely_on(capsys):
    status, out, _ = tapehead(capsys, "run", "increment", "1011", "--json")
    result = json.loads(out)
    assert status == 0
    assert result["tape"] == ["1", "1", "0", "0"]
    assert set(result) == {
        *("machine", "network", "decoder", "halted", "reason", "steps", "state", "accepted", "tape", "head", "seconds"),
        "first_cell",
    }
    assert set(result["network"]) == {"kind", "states", "symbols", "tapes", "sha256", "parameters", "nonzero"}


def test_the_base_networks_hash_is_the_same_whatever_the_policy(capsys):
    hashes = {
        json.loads(tapehead(capsys, "run", machine, "--json", "--max-steps", "20")[1])["network"]["sha256"]
        for machine in ("increment", "bb4", "1RB1LB_1LA1RZ")
    }
    assert len(hashes) == 1


def test_an_input_in_json_unless_brackets_are_symbols(capsys, tmp_path):
    assert json.loads(tapehead(capsys, "run", "increment", '["1", "1"]', "--json")[1])["tape"] == ["1", "0", "0"]
    path = tmp_path / "brackets.tm"
    path.write_text("a [ -> a x R\na ] -> a y R\n")
    assert json.loads(tapehead(capsys, "run", str(path), "[]", "--json")[1])["tape"] == ["x", "y"]


def test_a_folder_does_not_hide_a_machine_of_the_library(capsys, tmp_path, monkeypatch):
    (tmp_path / "increment").mkdir()
    monkeypatch.chdir(tmp_path)
    assert tapehead(capsys, "run", "increment", "1")[0] == 0


def test_a_rejected_input_is_exit_status_1(capsys):
    status, out, _ = tapehead(capsys, "run", "brackets", "(()")
    assert (status, "rejected" in out) == (1, True)


def test_run_from_a_file_with_several_tapes_head_and_trace(capsys, tmp_path):
    path = tmp_path / "copy.tm"
    path.write_text(library.load("two_tape_copy").write())
    status, out, _ = tapehead(capsys, "run", str(path), "101,", "--trace", "--head", "0,0")
    assert status == 0
    assert re.search(r"token generated +READ +DECIDE matched", out)
    assert re.search(r"tape 2 +101", out)


def test_a_machine_that_needs_more_grows_the_network_and_says_so(capsys):
    _, out, _ = tapehead(capsys, "run", "three_tape_xor", "10,11")
    assert "3 tapes (larger than the usual 2 tapes)" in out


def test_run_a_tuned_network_and_a_file(capsys, tmp_path):
    file = str(tmp_path / "increment.safetensors")
    assert tapehead(capsys, "compile", "increment", "-o", file)[0] == 0
    for choice in ("tuned", file):
        status, out, _ = tapehead(capsys, "run", "increment", "1011", "--network", choice, "--json")
        assert (status, json.loads(out)["network"]["kind"]) == (0, "tuned")


def test_base_writes_the_network_that_run_uses(capsys, tmp_path):
    file = str(tmp_path / "base.safetensors")
    saved = json.loads(tapehead(capsys, "base", "-o", file, "--json")[1])
    ran = json.loads(tapehead(capsys, "run", "bb2", "--network", file, "--json")[1])
    assert saved["network"] == ran["network"]


def test_a_stochastic_machine_by_seed(capsys):
    results = [tapehead(capsys, "run", "coin_flips", "????", "--seed", "3", "--json") for _ in range(2)]
    tapes = [json.loads(out)["tape"] for _, out, _ in results]
    assert tapes[0] == tapes[1]
    assert tapehead(capsys, "run", "coin_flips", "????")[0] == 2


def test_compare(capsys):
    status, out, _ = tapehead(capsys, "compare", "increment", "1", "11")
    assert status == 0
    assert out.count("equal; base network sha256") == 2
    assert "NOT" not in out
    result = json.loads(tapehead(capsys, "compare", "bb2", "--json")[1])
    assert result["simulator"] == result["tuned"] == result["base"]
    assert result["equal"] is True


def test_prompt(capsys):
    status, out, _ = tapehead(capsys, "prompt", "1RB1LB_1LA1RZ", "1")
    assert (status, out.split()) == (0, ["<bos>", "A0:1RB", "A1:1LB", "B0:1LA", "B1:1RZ", "[1]", "<run", "A>"])
    assert json.loads(tapehead(capsys, "prompt", "bb2", "--json")[1])["tokens"][0] == "<bos>"


def test_convert(capsys, tmp_path):
    assert tapehead(capsys, "convert", "bb2", "--to", "busy-beaver")[1] == "1RB1LB_1LA1RZ\n"
    file = tmp_path / "bb2.tm"
    assert tapehead(capsys, "convert", "1RB1LB_1LA1RZ", "--to", "tapehead", "-o", str(file))[0] == 0
    assert Machine.read(file) == library.load("bb2")


def test_library(capsys):
    status, out, _ = tapehead(capsys, "library")
    assert (status, len(out.splitlines()) > len(library.names())) == (0, True)
    machines = json.loads(tapehead(capsys, "library", "--json")[1])["machines"]
    assert [machine["name"] for machine in machines] == list(library.names())
    for machine in machines:
        if machine["name"] not in ("bb2x4", "bb5"):  # millions of steps
            assert tapehead(capsys, "run", machine["name"], machine["input"], "--seed", "1")[0] in (0, 1)


def test_a_slip_in_a_name_of_the_library(capsys):
    assert "did you mean increment" in tapehead(capsys, "run", "incremnt")[2]


def test_very_many_problems_are_cut(capsys, tmp_path):
    path = tmp_path / "essay.tm"
    path.write_text("a 0 -> b 1 R\n" + "not a rule\n" * 50)
    _, _, err = tapehead(capsys, "run", str(path))
    assert len(err.splitlines()) < 60
    assert "and 44 more" in err


def test_explain_lists_every_weight_of_the_network(capsys):
    network = json.loads(tapehead(capsys, "run", "bb2", "--json")[1])["network"]
    parts = json.loads(tapehead(capsys, "explain", "--json")[1])["parts"]
    assert sum(len(part["weights"]) for part in parts) == network["nonzero"]
    assert all(part["because"] for part in parts)
    status, out, _ = tapehead(capsys, "explain", "--block", "READ")
    assert status == 0
    assert "2pc - c^2" in out
    assert "DECIDE" not in out
    assert "The rule A 0 -> B 1 R" in tapehead(capsys, "explain", "bb2", "--block", "4")[1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["run", "nowhere.tm"], "no such file"),
        (["run", "increment", "12"], "the machine has no symbol 2"),
        (["run", "increment", "1", "--max-steps", "0"], "step limit"),
        (["run", "increment", "1", "--max-steps", "-5"], "step limit"),
        (["run", "increment", "1", "--head", "x"], "--head takes a cell"),
        (["run", "increment", "1", "--states", "2"], "too large"),
        (["run", "two_tape_copy", "1", "--tapes", "1"], "needs 2 tapes"),
        (["run", "increment", "1", "--notation", "klingon"], "klingon"),
        (["convert", "increment", "--to", "klingon"], "klingon"),
        (["explain", "--block", "LUNCH"], "no such block"),
        (["compile", "increment", "-o", "/nonexistent/folder/x"], "cannot be written"),
        (["run", "increment", "[1]"], "list of strings"),
        (["run", "increment", "[1"], "no symbol"),
        (["prompt"], "Missing argument"),
        (["nothing"], "no such command"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_bad_input_is_one_message_and_exit_status_2(capsys, arguments, reason):
    status, out, err = tapehead(capsys, *arguments)
    assert (status, out) == (2, "")
    assert reason in err
    assert "Traceback" not in err


def test_a_group_without_a_command_shows_its_help_as_text(capsys):
    context = click.Context(commands)
    names = commands.list_commands(context)
    groups = [name for name in names if isinstance(commands.get_command(context, name), click.Group)]
    assert {"export", "learn"} < set(groups)
    for arguments in ([], *([name] for name in groups)):
        _, shown, _ = tapehead(capsys, *arguments, "--help")
        status, out, err = tapehead(capsys, *arguments)
        assert (status, out, err.split()) == (2, "", shown.split())
        assert err.count("\n") > 10


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe junk", b"right 0 -> \n"], ids=["empty", "binary", "cut"])
def test_files_that_are_no_machine(capsys, tmp_path, content):
    path = tmp_path / "broken.tm"
    path.write_bytes(content)
    status, _, err = tapehead(capsys, "run", str(path))
    assert status == 2
    assert "broken.tm" in err


def test_junk_as_a_checkpoint(capsys, tmp_path):
    path = tmp_path / "junk.safetensors"
    path.write_bytes(b"\x07" * 100)
    status, _, err = tapehead(capsys, "run", "bb2", "--network", str(path))
    assert status == 2
    assert "no checkpoint can be read" in err


def test_every_command_has_a_help_text(capsys):
    from click import Context

    context = Context(commands)
    names = commands.list_commands(context)
    assert {"run", "compile", "base", "prompt", "compare", "explain", "convert"} <= set(names)
    for name in names:
        status, out, _ = tapehead(capsys, name, "--help")
        assert (status, "Usage" in out) == (0, True)


def test_the_input_from_a_file(capsys, tmp_path):
    (tmp_path / "one").write_text("10\n11\n")
    status, out, _ = tapehead(capsys, "run", "increment", "--input-file", str(tmp_path / "one"))
    assert status == 0
    assert re.search(r"tape +1\[1\]00    head on cell 1, first symbol on cell 0", out)
    (tmp_path / "two").write_text("\ufeff1101\n\n\n")
    status, out, _ = tapehead(capsys, "run", "two_tape_copy", "--input-file", str(tmp_path / "two"))
    assert status == 0
    assert re.search(r"tape 2 +1101", out)
    (tmp_path / "long").write_text('["zero", "one",\n"one", "zero"]\n')
    machine = "start: a\nblank: _\na zero -> a one R\na one -> a zero R"
    status, out, _ = tapehead(capsys, "run", machine, "--input-file", str(tmp_path / "long"))
    assert re.search(r"tape +one zero zero one", out)
    (tmp_path / "binary").write_bytes(b"\xff\xfe1")
    for arguments, reason in (
        (["1", "--input-file", str(tmp_path / "one")], "given twice"),
        (["--input-file", str(tmp_path / "binary")], "no text in UTF-8"),
        (["--input-file", str(tmp_path / "missing")], "No such file"),
    ):
        status, _, err = tapehead(capsys, "run", "increment", *arguments)
        assert (status, reason in err) == (2, True)


def test_a_trace_of_a_resumed_run_is_refused(capsys, tmp_path):
    status, _, err = tapehead(capsys, "run", "bb4", "--resume", str(tmp_path / "snapshot"), "--trace")
    assert (status, "from its first step" in err) == (2, True)


def test_the_length_and_what_is_written_of_a_long_tape(capsys):
    kernel = "--decoder", "kernels", "--states", "8", "--symbols", "4", "--tapes", "1"  # one that other tests need too
    champion = "1RB1LC_1RC1RB_1RD0LE_1LA1LD_1RZ0LA"
    _, out, _ = tapehead(capsys, "run", champion, "--max-steps", "100000", *kernel)
    expected = outcome(library.load("bb5"), max_steps=100_000).tape
    assert f"({len(expected)} cells, {expected.count('1')} not blank)" in out


def test_a_rate_is_of_the_steps_that_were_made_now(capsys, tmp_path):
    file = str(tmp_path / "snapshot")
    tapehead(capsys, "run", "bb4", "--snapshot", file)
    _, out, _ = tapehead(capsys, "run", "bb4", "--resume", file)
    assert re.search(r"decoder  streaming, \S+ s$", out, re.MULTILINE)  # none was made now: no rate


def test_why_streaming_took_over(capsys, monkeypatch):
    monkeypatch.setattr("compiled_models.decoding.kernels.recognise.MOST_PRODUCTS", 10)
    _, out, _ = tapehead(capsys, "run", "bb4", "--decoder", "kernels")
    assert re.search(r"decoder +streaming, .*\(no kernel: \d+ weights are too many", out)
    _, out, _ = tapehead(capsys, "run", "bb4", "--decoder", "kernels", "--json")
    assert (json.loads(out)["decoder"], "too many" in json.loads(out)["fallback"]) == ("streaming", True)


@pytest.mark.skipif(sys.platform == "win32", reason="no signals")
@pytest.mark.parametrize("delay", [0.1, 0.4, 0.8, 2.0])
def test_an_interrupt_is_quiet_be_it_during_imports(delay):
    # A shell's background process ignores Ctrl-C, and so would its children: the handler is set anew.
    program = (
        "import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler); "
        "from compiled_models.__main__ import main; print(flush=True); sys.exit(main())"
    )
    command = [sys.executable, "-c", program, "run", "bb5", "--decoder", "streaming"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGINT)
        try:
            _, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, err.strip()) == (130, "tapehead: stopped")


def test_bench_makes_its_folder_first(capsys, tmp_path):
    (tmp_path / "file").touch()
    status, _, err = tapehead(capsys, "bench", "-o", str(tmp_path / "file" / "folder"))
    assert (status, "no folder can be made" in err) == (2, True)


def test_output_into_what_is_no_file(capsys):
    status, _, _ = tapehead(capsys, "convert", "bb2", "--to", "busy-beaver", "-o", os.devnull)
    assert status == 0
    assert not os.path.isfile(os.devnull)


def test_help_lists_every_command_and_imports_none(capsys):
    program = "import sys; from compiled_models.cli import main; main(['--help']); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("False\n")
    listed = re.findall(r"^  (\w+)  +\S", done.stdout, re.MULTILINE)
    assert listed == sorted(listed)
    assert {"run", "bench", "convert", "elicit"} <= set(listed)
    assert not {"arguments", "capacity", "folder"} & set(listed)
    status, out, _ = tapehead(capsys, "elicit", "--help")
    assert status == 0
    assert re.findall(r"^  (\w+)  +\S", out, re.MULTILINE)[0] == "linear"


def test_names_of_the_package_are_found_when_they_are_asked_for():
    import compiled_models

    assert all(getattr(compiled_models, name) is not None for name in compiled_models.__all__)
    assert dir(compiled_models) == compiled_models.__all__
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        getattr(compiled_models, "nonsense")  # noqa: B009


def test_the_installed_command_runs_and_a_closed_pipe_is_quiet():
    command = f"{sys.executable} -m compiled_models explain | head -2"
    process = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert (process.stdout, process.stderr) == ("\nembed\n", "")
