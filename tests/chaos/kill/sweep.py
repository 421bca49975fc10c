"""A sweep over the steps of what is done: killed at one, begun anew, looked at; then the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from typing import NamedTuple, TypeAlias

from chaos.kill.acts import ACTS
from chaos.kill.place import Copy, Place
from chaos.kill.traced import CALLS, traced
from support.killing import killed_at

Kill: TypeAlias = Callable[[int, Place], bool]
"""Kills at a step of what is done in a place; says whether it came so far."""


class Swept(NamedTuple):
    """What a sweep found: so often it was killed, and what was broken then."""

    killed: int
    broken: list[str]


def sweep(
    name: str, template: Place, copy: Copy, *, first: int = 1, every: int = 1, calls: bool = False
) -> Swept:
    """Kill what has that name at every step of it.

    Args:
        name: of the act.
        template: a place in which it can be done; nothing is done there.
        copy: copies a place.
        first: the first step.
        every: so many steps further is the next one.
        calls: kill at system calls; else at the steps that Python knows of.
    """
    act, killed, broken = ACTS[name](), 0, []
    base = template.copied(template.folder.with_name(f"for-{name}"), template.url)
    act.prepare(base, copy)
    for way, kill in _ways(name, act.do, calls=calls):
        for step in count(first, every):
            place = copy(base)
            more = kill(step, place)
            broken += [f"{name} at {way} {step}: {what}" for what in act.broken(place)]
            if not more:
                break
            killed += 1
    return Swept(killed, broken)


def _ways(name: str, do: Callable[[Place], None], *, calls: bool) -> Iterator[tuple[str, Kill]]:
    if not calls:
        yield "step", lambda step, place: killed_at(step, partial(do, place), place.folder)
        return
    for call in CALLS:
        yield call, partial(_traced, call, name)


def _traced(call: str, name: str, step: int, place: Place) -> bool:
    return traced(call, step, name, place)
