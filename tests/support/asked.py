"""Rules by which tokens ask for approval, and whether one does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from counterfoil import directory
from counterfoil.directory import Policy
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import UserId
from counterfoil.tokens.preview import preview_token
from counterfoil.tokens.preview_policy import Impact, preview_policy
from counterfoil.tokens.wish import Wish
from support.office import START
from support.tokens import READ, Agency

NOBODY: Final = {"approval": "nobody"}


def change(agency: Agency, **changes: Any) -> Policy:
    with agency.office.database.reading() as tx:
        version = directory.policy(tx, agency.id).version
    with agency.acting(agency.ada) as work:
        return edit_policy(work, version, changes)


def foresee(agency: Agency, **changes: Any) -> Impact:
    with agency.looking(agency.ada) as work:
        return preview_policy(work, changes)


def until(days: int) -> dict[str, Any]:
    return {"expires_at": START + timedelta(days=days)}


def waits(agency: Agency, user: UserId, **wish: Any) -> bool:
    """Say whether a token waits; preview and gate say the same."""
    asked = agency.ask(user, **wish)
    wanted = wish if "inherit" in wish else {"scopes": READ, **wish}
    with agency.looking(user) as work:
        foreseen = preview_token(work, Wish(name="laptop", **wanted)).plan.places[0].needs_approval
    said = agency.hall.refusal(asked.secret)
    assert said == (Code.TOKEN_PENDING_APPROVAL if asked.request else "allowed")
    assert foreseen == (asked.request is not None)
    return foreseen
