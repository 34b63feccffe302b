"""The theorem's sources, which are read without a prover."""

from __future__ import annotations

import re
import shutil

import pytest

from construction import base_network
from construction.theorem import ProverMissing, prove
from construction.theorem.export import exported
from construction.theorem.proof import theorem_of
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


DEFINED = re.compile(
    r"^(?:\s*(?:Definition|Fixpoint|Record|Inductive)|Notation)\s+(\w+)\b(.*?)\.(?=\s|$)", re.MULTILINE | re.DOTALL
)
STATEMENTS = [
    match[0]
    for match in re.findall(
        r"Definition (\w+)((?:(?!Definition).)*?): Prop :=", (SOURCES / "Statements.v").read_text(), re.DOTALL
    )
]


def _needed_by_statements() -> set[tuple[str, str]]:
    """File and name of every definition that the statements, or the tensors that they are said of, are made of."""
    texts = {path.stem: _code(path.read_text()) for path in FILES}
    bodies = {(file, name): body for file, text in texts.items() for name, body in DEFINED.findall(text)}
    imports = {file: " ".join(re.findall(r"Require Import ([\w\s]+)\.", text)).split() for file, text in texts.items()}
    waiting, needed = [("Statements", name) for name in STATEMENTS] + [("Prefix", "tensors_of")], set[tuple[str, str]]()
    while waiting:
        definition = waiting.pop()
        if definition in needed:
            continue
        needed.add(definition)
        for where, name in re.findall(r"(?:(\w+)\.)?\b([A-Za-z_]\w+)", bodies[definition]):  # one letter: a variable
            files = [where] if where in texts else [definition[0], *reversed(imports[definition[0]])]
            waiting += [(file, name) for file in files if (file, name) in bodies][:1]
    return needed


def test_the_statements_say_what_has_to_be_read():
    """The head of Statements.v names every file that they rest on, no other, and what to look for there."""
    head = (SOURCES / "Statements.v").read_text().split("*)")[0]
    needed = _needed_by_statements()
    assert set(re.findall(r"(\w+)\.v", head)) == {file for file, _ in needed} - {"Statements"}
    everywhere = "\n".join(_code(path.read_text()) for path in FILES)
    defined = r"(?:Definition|Fixpoint|Record|Inductive|Notation) {}\b"
    assert [name for name in re.findall(r"\[(\w+)\]", head) if not re.search(defined.format(name), everywhere)] == []


GONE = re.compile(
    r"\b(?:omega|romega|fourier|Zplus_\w+|Zmult_\w+|Z_of_nat|nat_of_Z|Rinv_mult_distr|Rinv_involutive"
    r"|(?:app|map|rev|seq|fold_left|repeat|combine|prod)_length"
    r"|(?:plus|minus|mult|le|lt|gt)_(?:n|S|O|comm|assoc|trans|refl|reg)\w*)\b"
    r"|Require (?:Import )?(?:\w+ )*(?:Omega|Plus|Minus|Mult|Le|Lt|Gt|Max|Min|Div2|Even|NPeano)\b"
    r"|^\s*(?:Hint|Implicit Arguments)\b",
    re.MULTILINE,
)
"""Names and words that newer versions of the prover, up to Rocq 9.2, have dropped or deprecate; some of them: what the
prover itself says, of the version at hand, is in test_theorem.py."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_no_name_that_newer_versions_do_not_know(path):
    assert [match.group() for match in GONE.finditer(_code(path.read_text()))] == []


@pytest.mark.parametrize(
    "text",
    [
        "Require Import Omega. omega.",
        "rewrite plus_comm.",
        "app_length",
        "Hint Resolve a : b.",
        "From Coq Require Import Le.",
    ],
)
def test_a_name_that_is_gone_would_be_seen(text):
    assert GONE.search(text)


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
    """What is in Coq there stands in Statements.v, or in the file about the network that is the page's example."""
    page = (SOURCES.parents[1] / "docs" / "proof.md").read_text()
    shown = re.findall(r"```coq\n(.*?)```", page, re.DOTALL)
    sources = [(SOURCES / "Statements.v").read_text(), theorem_of(base_network(8, 4, 1))]
    statements = " ".join("\n".join(sources).split())
    parts = [" ".join(part.split()) for text in shown for part in text.split("\n\n")]
    assert len(set(parts)) == len(parts) >= 7
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
