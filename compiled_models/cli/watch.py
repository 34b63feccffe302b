"""`tapehead run --watch`: a run animated in the terminal, with keys to pause, step, go back, set the speed."""

from __future__ import annotations

import os
import signal
from types import FrameType

from rich.console import Group
from rich.live import Live
from rich.text import Text

from compiled_models.cli.keyboard import Keyboard
from compiled_models.cli.printing import console, on_terminal
from compiled_models.interrupt import handling
from compiled_models.result import STOPPED, Result
from compiled_models.view.frame import frame
from compiled_models.view.player import Player
from tm import InputError, Machine, Problem
from tm.text import shown

__all__ = ["require_terminal", "watch"]

KEYS = {"space": Player.toggle, "p": Player.toggle, "0": Player.first, "home": Player.first}
KEYS |= {"right": Player.forward, "n": Player.forward, "enter": Player.forward}
KEYS |= {"left": Player.back, "b": Player.back, "backspace": Player.back}
KEYS |= {"+": Player.faster, "=": Player.faster, "up": Player.faster, "-": Player.slower, "down": Player.slower}
QUIT = ("q", "escape", "hangup")
FOOTER = "space {}  → step  ← back  +/- speed  0 first  q quit"


def require_terminal() -> None:
    """Refuse to animate what nobody sees.

    Raises:
        InputError: where stdout is no terminal, or one that cannot be drawn on, or no keys can be pressed.
    """
    if not on_terminal() or console().is_dumb_terminal:
        found = "a dumb one (TERM)" if on_terminal() else "a pipe or a file"
        hint = "--trace prints every step, --trace --json for programs"
        raise InputError(Problem("a run is watched on a terminal", "one to draw on", found, hint))
    Keyboard().close()


def watch(result: Result, machine: Machine, ending: str) -> None:
    """Show a run from its first step on, until somebody quits; then the screen is as it was before.

    Args:
        result: of the run.
        machine: whose names are shown.
        ending: what is said of the run at its end.
    """
    player, keyboard = Player(result.trace), Keyboard()
    if player.step is None:
        return
    try:
        while _watched(player, keyboard, machine, ending, total=result.steps + (result.reason in STOPPED)):
            os.kill(os.getpid(), signal.SIGSTOP)  # Ctrl-Z, once the terminal is as it was
    finally:
        keyboard.close()


def _watched(player: Player, keyboard: Keyboard, machine: Machine, ending: str, total: int) -> bool:
    """Show a run until somebody quits (False), or wants something else in between (True)."""
    asked: list[int] = []

    def suspend(number: int, frame: FrameType | None) -> None:
        asked.append(number)

    screen, drawn = console(), None
    with (
        handling(suspend, signal.SIGTSTP),
        keyboard,
        Live(console=screen, screen=True, auto_refresh=False) as live,
    ):
        while not asked:
            player.generate()
            player.play()
            scene = (player.number, player.behind, player.at_end, player.playing, player.speed, screen.size)
            if scene != drawn:
                live.update(_scene(player, machine, ending, total, *screen.size), refresh=True)
                drawn = scene
            for key in keyboard.pressed(player.wait()):
                if key in QUIT:
                    return False
                if key in KEYS:
                    KEYS[key](player)
    return True


def _scene(player: Player, machine: Machine, ending: str, total: int, width: int, height: int) -> Group:
    """The whole screen: where we are, the step, the keys."""
    step = player.step
    if step is None:
        return Group()
    how = f"{player.speed:g} steps/s" if player.playing else "the end" if player.at_end else "paused"
    how = f"generating step {player.number:,} ..." if player.behind else how
    title = f"{shown(machine.name)}   step {step.number:,} of {total:,}   {how}"
    footer = Text(FOOTER.format("pause" if player.playing else "play "), style="dim")
    foot = len(footer.wrap(console(), width))
    at_end = ending if player.at_end else ""
    picture = frame(step, machine, width=width, height=max(height - foot - 1, 1), title=title, ending=at_end)
    return Group(picture, *([] if height < 12 else [Text()]), footer)
