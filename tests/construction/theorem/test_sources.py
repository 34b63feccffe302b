"""The theorem's sources, which are read without a prover."""

from __future__ import annotations

import re
import shutil

import pytest

from construction import base_network
from construction.theorem import ProverError, ProverMissing, prove, recheck
from construction.theorem.export import exported
from construction.theorem.prover import SOURCES
from tests.commands import tapehead

FILES = sorted(SOURCES.glob("*.v"))
UNPROVED = re.compile(
    r"\b(Admitted|admit|Axioms?|Parameters?|Conjectures?|give_up|bypass_check)\b|Unset +\w+ +Checking"
)


def _code(text: str) -> str:
    """A file without its comments."""
    while (bare := re.sub(r"\(\*(?:(?!\(\*|\*\)).)*\*\)", "", text, flags=re.DOTALL)) != text:
        text = bare
    return text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_is_taken_for_granted(path):
    assert UNPROVED.findall(_code(path.read_text())) == []
    assert not re.search(r"^\s*(Variable|Hypothes[ie]s|Context)", _outside_sections(path), re.MULTILINE)


def _outside_sections(path) -> str:
    """What stands in no section: there a variable would be an axiom."""
    depth, lines = 0, []
    for line in _code(path.read_text()).splitlines():
        if re.match(r"\s*Section \w+\.", line):
            depth += 1
        elif match := re.match(r"\s*End (\w+)\.", line):
            depth -= bool(match)
        elif not depth:
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize(
    "text", ["Axiom a : False.", "Proof. admit. Admitted.", "Parameter p : nat.", "Unset Guard Checking."]
)
def test_what_is_taken_for_granted_would_be_seen(text):
    assert UNPROVED.search(_code(f"(* a (* nested *) comment *) {text}"))
    assert not UNPROVED.search(_code(f"(* {text} (* nested *) *)"))


def test_every_file_is_in_the_readme():
    readme = (SOURCES / "README.md").read_text()
    assert [path.name for path in FILES if f"`{path.name}`" not in readme] == []
    assert [name for name in re.findall(r"`(\w+\.v)`", readme) if not (SOURCES / name).exists()] == []


def test_no_file_is_too_long_to_read():
    assert [path.name for path in FILES if len(path.read_text().splitlines()) > 350] == []


def test_without_the_prover_one_clear_error(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ProverMissing, match="apt-get install coq"):
        prove(base_network(2, 2), tmp_path)
    status, out, err = tapehead(capsys, "prove", "--folder", str(tmp_path))
    assert (status, out) == (2, "")
    assert "the prover is missing" in err


@pytest.mark.parametrize("arguments", [["--all", "--states", "3"], ["--all", "--tuned", "increment"]])
def test_networks_that_do_not_go_together(capsys, arguments):
    status, _, err = tapehead(capsys, "prove", *arguments)
    assert (status, "Traceback" in err) == (2, False)


def test_the_export_has_every_weight():
    network = base_network(3, 2, 1)
    entries = re.findall(r"\(\d+%nat, ", exported(network))
    assert len(entries) == sum(int(weight.count_nonzero()) for weight in network.parameters())


def test_the_page_shows_the_statement_as_it_stands():
    page = (SOURCES.parents[1] / "docs" / "proof.md").read_text()
    shown = re.findall(r"```coq\n(.*?)```", page, re.DOTALL)
    statements = " ".join((SOURCES / "Statements.v").read_text().split())
    parts = [" ".join(part.split()) for text in shown for part in text.split("\n\n")]
    assert len(set(parts)) == len(parts) >= 4
    assert [part for part in parts if part not in statements] == []


def test_the_page_names_every_statement():
    page = (SOURCES.parents[1] / "docs" / "proof.md").read_text()
    text = (SOURCES / "Statements.v").read_text()
    names = re.findall(r"Definition (\w+)(?:(?!Definition).)*?: Prop :=", text, re.DOTALL)
    assert len(names) >= 7
    assert [name for name in names if name not in page] == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "not checked here: `tapehead prove` has these weights checked"),
        (("--tuned", "bb2"), "not checked here: `tapehead prove` has these weights checked"),
        (("--tuned", "coin_flips"), "nothing: the theorem is about networks tuned to deterministic machines"),
    ],
)
def test_certify_says_what_is_machine_checked(capsys, arguments, says):
    _, out, _ = tapehead(capsys, "certify", *arguments, "--tokens", "10", "--radius", "3")
    (line,) = [line for line in out.splitlines() if line.startswith("in Coq")]
    assert says in line


@pytest.mark.parametrize(
    ("says", "status", "problem"),
    [
        ("* Axioms: <none>", 0, None),
        ("* Axioms:\n  Tapehead.Sums.cheat", 0, "coqchk finds axioms"),
        ("", 0, "coqchk finds axioms"),
        ("Fatal Error: Type error", 1, "coqchk rejects the theorem"),
    ],
)
def test_a_second_check_is_believed_where_it_finds_no_axiom(says, status, problem, tmp_path, monkeypatch):
    checker = tmp_path / "coqchk"
    checker.write_text(f"#!/bin/sh\ncat >&2 <<'END'\n{says}\nEND\nexit {status}\n")
    checker.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    if problem is None:
        assert recheck(tmp_path, ["Network"]) == says
    else:
        with pytest.raises(ProverError, match=problem):
            recheck(tmp_path, ["Network"])
