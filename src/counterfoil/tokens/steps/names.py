"""Tokens by name where the audit trail has their ids: a step of what reads the trail."""

from __future__ import annotations

from collections.abc import Iterable

from counterfoil.kernel import ids
from counterfoil.kernel.ids import Prefix, RequestId, TokenId
from counterfoil.operation import Work
from counterfoil.tokens.store.names import names_asked_for, names_of


def names_in(work: Work, targets: Iterable[str | None]) -> dict[str, str]:
    """Return what the tokens among these spellings are called now, and those of the requests."""
    named = set(targets)
    here = work.caller.organization
    tokens = names_of(work.tx, here, [TokenId(id_) for id_ in ids.among(Prefix.TOKEN, named)])
    asked = names_asked_for(
        work.tx, here, [RequestId(id_) for id_ in ids.among(Prefix.REQUEST, named)]
    )
    return {
        **{ids.spell(Prefix.TOKEN, id_): name for id_, name in tokens.items()},
        **{ids.spell(Prefix.REQUEST, id_): name for id_, name in asked.items()},
    }
