"""`python -m tests.compiled_models.view.screenshot FILE.png`: the page of the README's run, as a browser shows it."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from compiled_models.cli.capacity import Capacity
from compiled_models.view.page import page
from tests.compiled_models.view.browser import browser, opened
from tm import Start, library

STEP = 6
"""The first step of the README's run at which two tokens have written to the cell under the head."""


def main(file: Path) -> None:
    """Write the picture: the tape, the controls, the graph and the blocks, at the step above."""
    start = Start.of(library.load("increment"), "1011")
    with tempfile.TemporaryDirectory() as folder, browser() as chromium:
        html = Path(folder) / "page.html"
        html.write_text(page(Capacity().base(start.machine), start), encoding="utf-8")
        screen = chromium.new_page(viewport={"width": 1280, "height": 1090}, device_scale_factor=1.5)
        opened(screen, html)
        screen.evaluate(f"tapehead.go({STEP})")
        screen.wait_for_timeout(500)  # the written cell has come to rest
        screen.screenshot(path=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
