"""The page's script: the modules in `script/`, put one after another so that no file has to be loaded."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["script"]

_IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:class|function\*?|const) (\w+))", re.MULTILINE)


@cache
def script(main: str = "app") -> str:
    """One script that is what the module `main` is with all that it imports: a function for each module.

    >>> "const $vocabulary = (() => {" in script()
    True
    >>> "import" in script("vocabulary")
    False
    """
    return "\n".join(_wrapped(name) for name in _in_order(main))


def _source(name: str) -> str:
    return files(__package__).joinpath("script", f"{name}.js").read_text(encoding="utf-8")


def _in_order(name: str, done: tuple[str, ...] = ()) -> tuple[str, ...]:
    """The names of a module and of those that it imports, each after its own imports."""
    for _, other in _IMPORT.findall(_source(name)):
        if other not in done:
            done = _in_order(other, done)
    return (*done, name)


def _wrapped(name: str) -> str:
    source = _source(name)
    exported = ", ".join(match[1] for match in _EXPORT.finditer(source))
    body = _EXPORT.sub("", _IMPORT.sub(r"const {\1} = $\2;", source))
    return f'const ${name} = (() => {{\n"use strict";\n{body}\nreturn {{ {exported} }};\n}})();'
