"""One self-contained file: the template with the weights, the machine, the style and the script in it."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from compiled_models.view.page.description import described, request
from compiled_models.view.page.script import script
from compiled_models.view.page.weights import parts
from construction.fingerprint import fingerprint
from construction.network import Network
from tm import InputError, Problem, Start
from tm.text import shown

__all__ = ["page", "site_page", "weights_page"]

STEPS = 10_000


def page(network: Network, start: Start, *, steps: int = STEPS, seed: int | None = None) -> str:
    """The page of a machine and its input, as HTML.

    Args:
        network: a base network in float64 that the machine fits.
        start: the machine with its input and start cells.
        steps: how many steps the page generates at most.
        seed: of the page's own draws, for a stochastic machine.

    Raises:
        InputError: for a network that is no base network in float64.

    >>> from construction import base_network
    >>> from tm import Machine
    >>> text = page(base_network(states=3, symbols=2), Start.of(Machine.read("1RB1LB_1LA1RZ")))
    >>> text.startswith("<!doctype html>"), "<script src" in text
    (True, False)
    """
    if network.config.kind != "base" or network.number_format != "float64":
        found = f"{network.config.kind}, {network.number_format}"
        raise InputError(Problem("the page runs a base network in float64", "base, float64", found))
    data = described(network) | {"first": request(start, seed), "steps": steps}
    return _filled(
        "page",
        title=shown(start.machine.name) or "a machine",
        about=str(network.config),
        data=_embedded(data),
        script=script("app"),
    )


def weights_page(network: Network) -> str:
    """Every weight matrix of a network, drawn with the names of its rows and columns, as HTML.

    >>> from construction import base_network
    >>> "Every token carries a 1" in weights_page(base_network(states=2, symbols=2))
    True
    """
    weights = fingerprint(network)
    return _filled(
        "weights",
        about=str(network.config),
        nonzero=f"{weights.nonzero:,}",
        parameters=f"{weights.parameters:,}",
        sha256=weights.sha256,
        parts=list(parts(network)),
    )


def site_page(machines: Sequence[Mapping[str, str]]) -> str:
    """The index of a site, as HTML: for each page its `file`, the machine's `name`, what it `says`, its `network`."""
    return _filled("site", machines=machines)


def _filled(name: str, *, script: str = "", **values: Any) -> str:
    folder = files(__package__)
    style = folder.joinpath("page.css").read_text(encoding="utf-8")
    loader = FileSystemLoader(str(folder))
    template = Environment(loader=loader, autoescape=True, undefined=StrictUndefined).get_template(f"{name}.html")
    return template.render(
        style=Markup(style),
        style_hash=_hash(style),
        script=Markup(script),
        script_hash=_hash(script),
        **values,
    )


def _embedded(data: object) -> Markup:
    """Data as JSON that nothing in it can end: no `<` is left that a browser could take for a tag."""
    text = json.dumps(data, separators=(",", ":")).replace("<", "\\u003c")
    return Markup(text)


def _hash(text: str) -> str:
    """What the content security policy knows an inline script or style by."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
