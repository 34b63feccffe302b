"""A run as it is watched: one step at a time, forwards and back, at a speed, generated as far as somebody looks."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator
from time import monotonic

from compiled_models.view.step import Step

__all__ = ["Player"]

KEPT = 256  # steps; each holds its tapes and all that was attended to
SPEEDS = (0.5, 1, 2, 4, 8, 16, 32, 64, 128, 256)  # steps a second
AT_ONCE = 0.05  # seconds of generating after which whoever watches is asked again


class Player:
    """Which step of a run is looked at, and how the run goes on: it plays until it is paused or over.

    Args:
        start: the run's steps, from the first on; called again to go far back.
        clock: the time in seconds.
        kept: how many steps can be gone back to without generating anew.

    >>> from compiled_models import run
    >>> from construction import base_network
    >>> from tm import Machine
    >>> player = Player(run(base_network(states=4, symbols=2), Machine.read("1RB1LB_1LA1RZ")).trace)
    >>> player.forward()
    >>> player.generate()
    >>> player.step.number, player.step.text, player.playing
    (2, 'B0>1LA', False)
    """

    def __init__(
        self, start: Callable[[], Iterator[Step]], clock: Callable[[], float] = monotonic, kept: int = KEPT
    ) -> None:
        self._start, self._clock = start, clock
        self._steps, self._kept = start(), deque[Step](maxlen=kept)
        self.number = 1
        """The number of the step that is to be looked at, be it generated or not."""
        self.last: int | None = None
        """The number of the run's last token, once it is known."""
        self.playing, self._speed, self._due = True, SPEEDS.index(2), math.inf
        self.generate()

    @property
    def step(self) -> Step | None:
        """The step to look at, or the nearest before it that is generated; None for a run without any."""
        before = [step for step in self._kept if step.number <= self.number]
        return before[-1] if before else None

    @property
    def behind(self) -> bool:
        """Whether the step to look at has to be generated yet."""
        newest = self._kept[-1].number if self._kept else 0
        return newest < self.number and (self.last is None or newest < self.last)

    @property
    def at_end(self) -> bool:
        """Whether this is the run's last token."""
        return self.last is not None and self.number >= self.last

    @property
    def speed(self) -> float:
        """Steps a second."""
        return SPEEDS[self._speed]

    def generate(self) -> None:
        """Generate what is to be looked at and what is played next, for a twentieth of a second at most."""
        until = self._clock() + AT_ONCE
        ahead = 1 + int(self.speed * AT_ONCE * self.playing)
        while self.last is None and (not self._kept or self._kept[-1].number < self.number + ahead):
            step = next(self._steps, None)
            if step is None:
                self.last = self._kept[-1].number if self._kept else 0
                self.number = max(1, min(self.number, self.last))
            else:
                self._kept.append(step)
            if self._clock() >= until:
                return

    def play(self) -> None:
        """While it plays, go on as the time has come; at the end pause."""
        now = self._clock()
        if not self.playing or self.behind or self._due == math.inf:  # the first step stands before it plays
            self._due = now + 1 / self.speed
            return
        while self._due <= now and not self.at_end and not self.behind:
            self._due += 1 / self.speed
            self.number += 1
        self.playing = not self.at_end

    def wait(self) -> float:
        """The seconds until something happens by itself: none while tokens are to be generated."""
        if self.behind:
            return 0
        return max(0, self._due - self._clock()) if self.playing else AT_ONCE * 2

    def toggle(self) -> None:
        """Pause, or go on; at the end begin anew."""
        if self.at_end:
            self.first()
        self.playing = not self.playing
        self._due = self._clock() + 1 / self.speed

    def forward(self) -> None:
        """One step on, and pause."""
        self.playing = False
        if not self.at_end:
            self.number += 1

    def back(self) -> None:
        """One step back, and pause."""
        self._go_back(self.number - 1)

    def first(self) -> None:
        """To the first step, and pause."""
        self._go_back(1)

    def faster(self) -> None:
        """Twice the speed, if there is any left."""
        self._speed = min(self._speed + 1, len(SPEEDS) - 1)

    def slower(self) -> None:
        """Half the speed."""
        self._speed = max(self._speed - 1, 0)

    def _go_back(self, number: int) -> None:
        self.playing, self.number = False, max(number, 1)
        if self._kept and self.number < self._kept[0].number:  # the run is its own record: it is generated again
            self._steps, self.last = self._start(), None
            self._kept.clear()
