"""The last use of a token and its flags, put into what is shown of it."""

from __future__ import annotations

from typing import TypeVar

from msgspec import structs

from counterfoil.tokens.doors.wire_token import Lent, PersonalToken
from counterfoil.tokens.doors.wire_use import FlagFacts
from counterfoil.tokens.steps.last_use import Used

Shown = TypeVar("Shown", bound=PersonalToken | Lent)


def with_use(shown: Shown, used: Used) -> Shown:
    """Return a token as it is shown, with its last use and what was flagged of it."""
    last = used.last
    facts = structs.replace(
        shown.attributes,
        last_used_at=last and last.at,
        last_client=last and last.client,
        last_network=last and last.network,
        flags=[
            FlagFacts(
                reason=one.reason.value,
                detail=one.detail,
                raised_at=one.raised_at,
                last_at=one.last_at,
                count=one.count,
            )
            for one in used.flags
        ],
    )
    return structs.replace(shown, attributes=facts)
