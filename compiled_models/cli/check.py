"""`tapehead check`: what stands out in a machine, and how large a network it needs."""

from __future__ import annotations

import click

from compiled_models.cli.arguments import json_option, machine_argument, notation_option, print_json, read_machine
from compiled_models.cli.capacity import Capacity, capacity_options, sizes_text
from compiled_models.cli.printing import say
from construction.config import NetworkConfig
from tm import Machine
from tm.diagnosis import Diagnosis, diagnose

__all__ = ["command"]

MOST_SHOWN = 40


@click.command()
@machine_argument
@notation_option
@capacity_options
@json_option
def command(machine: str, notation: str | None, capacity: Capacity, as_json: bool) -> int:
    """Say what stands out in MACHINE: states never reached, rules that never apply, loops, where it halts.

    Exit status 1: something looks like a mistake.
    """
    policy = read_machine(machine, notation)
    config = capacity.config(policy)  # first: a machine that no network is large enough for is told so at once
    diagnosis = diagnose(policy)
    if as_json:
        print_json(_json(policy, diagnosis, config))
    else:
        _print(policy, diagnosis, config)
    return int(not diagnosis.sound)


def _json(machine: Machine, diagnosis: Diagnosis, config: NetworkConfig) -> dict[str, object]:
    def situations(pairs: tuple[tuple[str, tuple[str, ...]], ...]) -> list[dict[str, object]]:
        return [{"state": state, "read": list(symbols)} for state, symbols in pairs]

    return {
        "machine": machine.name,
        "sound": diagnosis.sound,
        "nondeterministic": machine.nondeterministic,
        "unreachable": list(diagnosis.unreachable),
        "never_applied": [str(rule) for rule in diagnosis.never_applied],
        "never_halting": list(diagnosis.never_halting),
        "standing_still": situations(diagnosis.standing_still),
        "without_rule": situations(diagnosis.without_rule),
        "without_rule_count": sum(count for _, count in diagnosis.halts_in),
        "dead_ends": list(diagnosis.dead_ends),
        "running_away": [{"state": state, "move": way} for state, way in diagnosis.running_away],
        "drawn": situations(diagnosis.drawn),
        "needs": _needs(machine),
        "network": {name: getattr(config, name) for name in ("states", "symbols", "tapes", "code")},
    }


def _needs(machine: Machine) -> dict[str, int]:
    actions = len({rule.action for rule in machine.rules})
    sizes = {"states": len(machine.states), "symbols": len(machine.symbols), "tapes": machine.tapes}
    return {**sizes, "examples": len(machine.rules), "actions": actions}


def _print(machine: Machine, diagnosis: Diagnosis, config: NetworkConfig) -> None:
    sentences = str(diagnosis).splitlines()
    for sentence in sentences[:MOST_SHOWN]:
        say(sentence)
    if len(sentences) > MOST_SHOWN:
        say(f"... and {len(sentences) - MOST_SHOWN} more; --json lists more")
    if machine.nondeterministic:
        say("it is nondeterministic: it accepts if one of its runs does")
    needs = ", ".join(
        f"{count} {what if count != 1 else what.removesuffix('s')}" for what, count in _needs(machine).items()
    )
    say(f"it has {needs}; the network that runs it has slots for {sizes_text(config)}, {config.code} code")
