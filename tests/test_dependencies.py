"""The pins: what pyproject.toml asks for, constraints.txt fixes."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINS = (ROOT / "constraints.txt").read_text().splitlines()
WANTED = PROJECT["dependencies"] + [name for extra in PROJECT["optional-dependencies"].values() for name in extra]


def canonical(requirement: str) -> str:
    """The distribution's name as the package index compares it.

    >>> canonical("Ruamel_yaml>=0.18")
    'ruamel-yaml'
    """
    name = re.match(r"[\w.-]+", requirement)
    if name is None:
        raise ValueError(f"no distribution is named in {requirement!r}")
    return re.sub(r"[-_.]+", "-", name[0]).lower()


@pytest.mark.parametrize("requirement", WANTED)
def test_every_dependency_is_pinned(requirement: str) -> None:
    assert canonical(requirement) in map(canonical, PINS)


@pytest.mark.parametrize("pin", PINS)
def test_a_pin_is_one_release_from_any_index(pin: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", pin), "a name and a release, no path and no local build"


def test_nothing_pulls_in_cuda() -> None:
    assert not [pin for pin in PINS if re.match(r"nvidia|cuda|triton", pin)]
