"""Looking at a run: forwards, back however far, playing at a speed, a run without an end or without a step."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from compiled_models import run
from compiled_models.view.player import SPEEDS, Player
from compiled_models.view.step import Moment, Step
from construction import base_network
from tm import Machine, library

KEPT = 40
MOMENT = Moment("a", ((0, ()),), (0,))


class Clock:
    """A clock that goes on when it is told to, and a little with each generated step."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def player_of(last: int, clock: Clock | None = None, cost: float = 0.0) -> Player:
    clock = clock or Clock()

    def steps() -> Iterator[Step]:
        for number in range(1, last + 1):
            clock.now += cost
            yield Step(number, f"step {number}", MOMENT, MOMENT, ((),), ())

    return Player(steps, clock, kept=KEPT)


def shown(player: Player) -> Step:
    while player.behind:
        player.generate()
    assert player.step is not None
    return player.step


def number(player: Player) -> int:
    return shown(player).number


def test_forwards_and_back_stay_within_the_run():
    player = player_of(3)
    seen = [number(player)]
    for move in (player.back, player.forward, player.forward, player.forward, player.forward, player.back):
        move()
        player.generate()
        seen.append(number(player))
    assert seen == [1, 1, 2, 3, 3, 3, 2]
    assert not player.playing


def test_back_beyond_what_is_kept():
    player = player_of(3 * KEPT)
    for _ in range(2 * KEPT):
        player.forward()
        player.generate()
    for _ in range(2 * KEPT):
        player.back()
        assert number(player) == player.number
    assert number(player) == 1
    player.forward()
    assert number(player) == 2


def test_going_back_far_is_done_a_little_at_a_time():
    player = player_of(3 * KEPT, cost=0.01)
    for _ in range(2 * KEPT):
        player.forward()
        player.generate()
    player.first()
    player.forward()
    for _ in range(KEPT):
        player.forward()
    player.generate()
    assert player.behind
    assert player.wait() == 0
    assert player.step is not None  # the nearest that there is
    assert number(player) == KEPT + 2


@pytest.mark.parametrize("faster", range(len(SPEEDS)))
def test_it_plays_as_many_steps_a_second_as_it_says(faster):
    clock = Clock()
    player = player_of(100_000, clock)
    for _ in range(len(SPEEDS)):
        player.slower()
    for _ in range(faster):
        player.faster()
    assert player.speed == SPEEDS[faster]
    player.play()  # the first step stands for its time
    began = player.number
    for _ in range(400):
        clock.now += 0.025
        player.play()
        player.generate()
    assert player.number - began == pytest.approx(10 * player.speed, abs=1)


def test_it_is_no_faster_than_the_network():
    """A speed beyond what can be generated gives each step its turn, and does not run ahead of it."""
    clock = Clock()
    player = player_of(1_000, clock, cost=0.04)
    for _ in SPEEDS:
        player.faster()
    shown = set()
    for _ in range(300):
        player.generate()
        player.play()
        if player.step is not None:
            shown.add(player.step.number)
        assert player.step is None or player.number - player.step.number <= 1
        clock.now += 0.01
    assert len(shown) > 30


def test_at_the_end_it_pauses_and_begins_anew():
    clock = Clock()
    player = player_of(3, clock)
    for _ in range(50):
        clock.now += 0.1
        player.play()
        player.generate()
    assert (player.number, player.at_end, player.playing) == (3, True, False)
    player.toggle()
    assert (player.number, player.at_end, player.playing) == (1, False, True)


def test_a_run_without_a_step():
    player = player_of(0)
    assert player.step is None
    assert not player.behind


def test_a_player_shows_what_the_trace_has():
    result = run(base_network(4, 3), library.load("increment"), "1011")
    player, found = Player(result.trace), []
    while not player.at_end:
        found.append(player.step)
        player.forward()
        player.generate()
    assert [*found, player.step] == list(result.trace())


def test_a_stochastic_run_is_the_same_when_it_is_gone_back_to():
    machine = Machine.read("a _ -> a 0 R x 1\na _ -> a 1 R x 1")
    result = run(base_network(4, 3), machine, seed=3, max_steps=KEPT + 20)
    player, texts = Player(result.trace, kept=KEPT), []
    for _ in range(KEPT + 10):
        texts.append(shown(player).text)
        player.forward()
        player.generate()
    player.first()
    again = []
    for _ in range(KEPT + 10):
        again.append(shown(player).text)
        player.forward()
        player.generate()
    assert again == texts
    assert len(set(texts)) == 2
