"""What a token could do, as a person reads it: made of the preview, which asks the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from counterfoil.access.conditions import NONE, Conditions
from counterfoil.access.surface import spell_surfaces
from counterfoil.access.vocabulary import Vocabulary
from counterfoil.content import Reached
from counterfoil.kernel.sentence import Say
from counterfoil.tokens.approval import needs_second
from counterfoil.tokens.preview import Preview
from counterfoil.web.views.scope_words import deed, in_order

_NOTHING: Final = Reached()


@dataclass(frozen=True, slots=True)
class Said:
    """The words of one preview.

    Attributes:
        refusal: why there is no such token; with it nothing else is said.
        deeds: what it may do.
        surfaces: at which APIs.
        everywhere: whether no root node restricts it.
        roles: as whom.
        operations: what it would be let in to.
        closed: scopes for which it is let in at no API where they count.
        personal: scopes that no personal token can use.
        conditions: from where, how often and from when on.
        reached: how much of the tree it would see.
    """

    refusal: str = ""
    deeds: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()
    everywhere: bool = True
    follows: bool = False
    spans_all: bool = False
    roles: tuple[str, ...] = ()
    ends: datetime | None = None
    operations: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    needs_approval: bool = False
    needs_second: bool = False
    conditions: Conditions = NONE
    reached: Reached = _NOTHING


def said_of(preview: Preview, words: Vocabulary, say: Say) -> Said:
    """Return a preview in words."""
    plan, idle = preview.plan, preview.closed | preview.personal
    home = plan.places[0]
    names = in_order(words.spell(preview.effective.scopes & ~idle))
    return Said(
        deeds=tuple(deed(name, say) for name in names),
        surfaces=spell_surfaces(preview.effective.surfaces),
        everywhere=plan.bounds.roots is None,
        follows=plan.bounds.scopes is None,
        spans_all=plan.spans_all,
        roles=tuple(role.name for role in home.member.roles),
        ends=plan.expires_at,
        operations=preview.operations,
        closed=words.spell(preview.closed),
        personal=words.spell(preview.personal),
        conditions=preview.effective.conditions,
        reached=preview.reached,
        needs_approval=any(place.needs_approval for place in plan.places),
        needs_second=any(
            place.needs_approval and needs_second(place.policy, words, plan.bounds.scopes)
            for place in plan.places
        ),
    )
