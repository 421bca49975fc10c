"""Where a change holds that may have taken power away: what is said of it, and what is data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from counterfoil.cli.output import note, put_done
from counterfoil.cli.output.record import Resource

if TYPE_CHECKING:
    from counterfoil.client.answer import Answer
    from counterfoil.client.effect import Effect

_DONE: Final = "✓"


def put_changed(changed: Resource, answer: Answer, *told: str) -> None:
    """Tell what was changed, and where that holds; as data it stands in the resource's `meta`."""
    from counterfoil.client.effect import Effect

    put_effect(changed, Effect.of(answer), *told)


def put_effect(changed: Resource, effect: Effect | None, *told: str) -> None:
    """Tell what was changed, and what its receipt says; nothing of one where there is none."""
    if effect is None:
        put_done(changed, *told)
        return
    put_done(with_effect(changed, effect), *where_it_holds(effect, *told))


def with_effect(changed: Resource, effect: Effect | None) -> Resource:
    """Return what was changed with its receipt in its `meta`, if there is one."""
    if effect is None:
        return changed
    return {**changed, "meta": {**(changed.get("meta") or {}), **effect.said}}


def note_changed(answer: Answer, *told: str) -> None:
    """Tell one change of several, and where it holds."""
    from counterfoil.client.effect import Effect

    for line in where_it_holds(Effect.of(answer), *told):
        note(line)


def where_it_holds(effect: Effect | None, first: str, *further: str) -> list[str]:
    """Return what is told of a change, with what its receipt says."""
    if effect is None:
        return [first, *further]
    where = _where(effect) if first.startswith(_DONE) else ""
    return [f"{first}{where}", *_late(effect), *further]


def proof(entry: int | None) -> str:
    """Return the end of a sentence about what an entry says: the command that has the proof."""
    return "" if entry is None else f" (audit receipt {entry})"


def with_proof(changed: Resource, entry: int | None) -> Resource:
    """Return what was changed with the number of that entry in its `meta`, if there is one."""
    from counterfoil.client.effect import recorded

    if entry is None:
        return changed
    return {**changed, "meta": {**(changed.get("meta") or {}), **recorded(entry)}}


def _where(effect: Effect) -> str:
    """Return the end of a sentence about a change."""
    entry, position = effect.audit_event, effect.position
    by = "" if entry is None else f", audit receipt {entry}"
    at = proof(entry) if position is None else f" (position {position}{by})"
    if effect.everywhere:
        return f" everywhere{at}"
    return at if effect.effective_by else f" on this server{at}"


def _late(effect: Effect) -> list[str]:
    if effect.effective_by is None:
        return []
    by = f"! It takes effect everywhere by {effect.effective_by}"
    return [f"{by}: until then a gate that does not hear from the server may let reads pass."]
