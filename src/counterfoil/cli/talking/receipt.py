"""Where a change holds that may have taken power away: what is said of it, and what is data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.output import note, put_done
from counterfoil.cli.output.record import Resource

if TYPE_CHECKING:
    from counterfoil.client.answer import Answer
    from counterfoil.client.effect import Effect

_DONE: Final = "✓"
_PROOF: Final = "counterfoil.proof"
"""Where the context of a command keeps that it has told how to prove what was done."""


def put_changed(changed: Resource, answer: Answer, *told: str) -> None:
    """Tell what was changed, and where that holds; as data it stands in the resource's `meta`."""
    from counterfoil.client.effect import Effect

    put_effect(changed, Effect.of(answer), *told)


def put_effect(changed: Resource, effect: Effect | None, *told: str) -> None:
    """Tell what was changed, and what its receipt says; nothing of one where there is none."""
    if effect is None:
        put_done(changed, *told)
        return
    told = (*where_it_holds(effect, *told), *how_to_prove(effect.audit_event))
    put_done(with_effect(changed, effect), *told)


def with_effect(changed: Resource, effect: Effect | None) -> Resource:
    """Return what was changed with its receipt in its `meta`, if there is one."""
    if effect is None:
        return changed
    return {**changed, "meta": {**(changed.get("meta") or {}), **effect.said}}


def note_changed(answer: Answer, *told: str) -> None:
    """Tell one change of several, and where it holds."""
    from counterfoil.client.effect import Effect

    effect = Effect.of(answer)
    for line in where_it_holds(effect, *told):
        note(line)
    for line in how_to_prove(effect.audit_event if effect else None):
        note(line)


def where_it_holds(effect: Effect | None, first: str, *further: str) -> list[str]:
    """Return what is told of a change, with what its receipt says."""
    if effect is None:
        return [first, *further]
    where = _where(effect) if first.startswith(_DONE) else ""
    return [f"{first}{where}", *_late(effect), *further]


def numbered(entry: int | None) -> str:
    """Return the end of a sentence about what an entry of the audit trail says: its number."""
    return "" if entry is None else f" (audit entry {entry})"


def how_to_prove(entry: int | None) -> list[str]:
    """Return the line with the command that has the proof of an entry, if there is one.

    Whoever changes several things is told it of the first, and the number of each.
    """
    context = click.get_current_context()
    if entry is None or context.meta.get(_PROOF):
        return []
    context.meta[_PROOF] = True
    return [f"  Proof: counterfoil audit receipt {entry}"]


def with_proof(changed: Resource, entry: int | None) -> Resource:
    """Return what was changed with that entry, and where its proof is asked for, in its `meta`."""
    from counterfoil.client.effect import on_record

    if entry is None:
        return changed
    return {**changed, "meta": {**(changed.get("meta") or {}), **on_record(entry)}}


def _where(effect: Effect) -> str:
    """Return the end of a sentence about a change."""
    entry, position = effect.audit_event, effect.position
    by = "" if entry is None else f", audit entry {entry}"
    at = numbered(entry) if position is None else f" (position {position}{by})"
    if effect.everywhere:
        return f" everywhere{at}"
    return at if effect.effective_by else f" on this server{at}"


def _late(effect: Effect) -> list[str]:
    if effect.effective_by is None:
        return []
    by = f"! It takes effect everywhere by {effect.effective_by}"
    return [f"{by}: until then a gate that does not hear from the server may let reads pass."]
