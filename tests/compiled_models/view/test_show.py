"""`tapehead show`: the files that it writes, and what it refuses."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

import pytest
import torch
from click.testing import CliRunner

from compiled_models.cli import commands
from compiled_models.cli.capacity import Capacity
from compiled_models.view.page import page as html
from compiled_models.view.page.script import script
from construction import draw_base_network
from construction.fingerprint import fingerprint
from construction.number_format import Constants
from tests.compiled_models.view.browser import opened
from tm import InputError, Start, library

if TYPE_CHECKING:
    from playwright.sync_api import Page

INCREMENT = Start.of(library.load("increment"), "1011")


def test_the_command(tmp_path):
    file = tmp_path / "page.html"
    arguments = ["show", "increment", "1011", "-o", str(file)]
    done = CliRunner().invoke(commands, arguments)
    assert done.exit_code == 0
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
    refused = CliRunner().invoke(commands, arguments)
    assert isinstance(refused.exception, Exception)


def test_a_site_has_a_page_for_each_machine_and_an_index(page: Page, tmp_path):
    done = CliRunner().invoke(commands, ["show", "--site", str(tmp_path / "site"), "--steps", "50"])
    assert done.exit_code == 0
    page.goto((tmp_path / "site" / "index.html").as_uri())
    links = page.evaluate("Array.from(document.querySelectorAll('main a'), (a) => a.getAttribute('href'))")
    assert sorted(links) == sorted([f"{name}.html" for name in library.names()] + ["weights.html"])
    assert {path.name for path in (tmp_path / "site").iterdir()} == {*links, "index.html"}
    assert library.summary("bb5") in page.inner_text("main")
    heard = opened(page, tmp_path / "site" / "three_tape_xor.html")
    assert heard == []
    assert page.evaluate("tapehead.state.run.verdict()") == "accepted"


def test_the_weights_are_all_there_with_their_sentences(page: Page, tmp_path):
    file, network = tmp_path / "weights.html", Capacity().base()
    assert CliRunner().invoke(commands, ["show", "--weights", "-o", str(file)]).exit_code == 0
    page.goto(file.as_uri())
    assert page.locator("rect.plus, rect.minus").count() == fingerprint(network).nonzero
    titles = page.evaluate("Array.from(document.querySelectorAll('rect title'), (title) => title.textContent)")
    blueprint = draw_base_network(network.config)
    assert sorted(titles) == sorted(
        f"{entry.source} → {entry.target}: {_weight(entry)}\n{entry.because}" for entry in blueprint.entries
    )
    assert fingerprint(network).sha256 in page.inner_text("header")


def _weight(entry) -> str:
    number = float(entry.weight.value(Constants.of(torch.float64)))
    return str(entry.weight) + (f" = {number:.17g}" if entry.weight.parameters else "")


@pytest.mark.parametrize(
    "arguments", [["show"], ["show", "bb2"], ["show", "-o", "x.html"], ["show", "bb2", "--site", "y"]], ids=" ".join
)
def test_what_names_no_page_is_refused(arguments):
    assert isinstance(CliRunner().invoke(commands, arguments).exception, InputError)


def test_other_networks_are_refused():
    with pytest.raises(InputError, match="a base network in float64"):
        html(Capacity(dtype="float32").base(INCREMENT.machine), INCREMENT)
    with pytest.raises(InputError, match="a base network in float64"):
        html(Capacity().tuned(INCREMENT.machine), INCREMENT)


def test_the_script_is_its_modules():
    whole = script("app")
    assert not re.search(r"^(import|export) ", whole, re.MULTILINE)
    assert whole.count("const $") == len(list(files("compiled_models.view.page").joinpath("script").iterdir()))
