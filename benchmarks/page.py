"""How fast the page opens and scrubs, in a real browser, for runs of 1,000 to 100,000 steps.

    python benchmarks/page.py [--machine NAME] [--steps N ...]

Opening is from the request to the last token of the run that the page's own network generates; a scrubbed frame is a
move of the pointer over the space-time diagram, until all that belongs to the step under it stands there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from compiled_models.view.page.page import page
from construction import base_network
from tests.compiled_models.view.browser import browser, opened
from tm import library
from tm.start import Start

SCRUB = """async (frames) => {
  const canvas = document.getElementById("spacetime"), box = canvas.getBoundingClientRect(), times = [];
  canvas.setPointerCapture = () => {};
  const at = (x) => ({ clientX: box.x + x, clientY: box.y + 5, bubbles: true, pointerId: 1 });
  const point = (kind, x) => canvas.dispatchEvent(new PointerEvent(kind, at(x)));
  point("pointerdown", 1);
  for (let i = 0; i < frames; i++) {
    const began = performance.now();
    point("pointermove", 1 + ((box.width - 2) * ((i * 37) % frames)) / frames);
    await new Promise(requestAnimationFrame);
    times.push(performance.now() - began);
  }
  point("pointerup", 1);
  return times.sort((a, b) => a - b);
}"""


def measured(started: Browser, file: Path) -> tuple[float, list[float]]:
    """Seconds until the page has opened, and sorted milliseconds of 60 scrubbed frames."""
    view = started.new_page(viewport={"width": 1280, "height": 800})
    heard = opened(view, file)
    if heard:
        raise RuntimeError(f"the page said {heard}")
    seconds = view.evaluate("performance.now()") / 1000
    frames = view.evaluate(SCRUB, 60)
    view.close()
    return seconds, frames


def main() -> int:
    """Measure, print, and say by the exit status whether 10,000 steps open within 3 seconds."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--machine", default="bb5")
    parser.add_argument("--steps", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    arguments = parser.parse_args()
    start, slow = Start.of(library.load(arguments.machine)), False
    network = base_network(16, 8, 2)
    with tempfile.TemporaryDirectory() as folder, browser() as started:
        for steps in arguments.steps:
            file = Path(folder) / f"{steps}.html"
            file.write_text(page(network, start, steps=steps), encoding="utf-8")
            seconds, frames = min(measured(started, file) for _ in range(3))
            middle, late = frames[len(frames) // 2], frames[-4]
            size = file.stat().st_size / 1000
            times = f"opens in {seconds:5.2f} s, scrubs in {middle:3.0f} ms ({late:3.0f})"
            print(f"{steps:>8,} steps: {times}, {size:,.0f} kB")
            slow |= steps <= 10_000 and seconds > 3
    return int(slow)


if __name__ == "__main__":
    sys.exit(main())
