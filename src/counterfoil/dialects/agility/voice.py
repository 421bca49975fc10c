"""How `/agility` speaks: plain JSON without a wrapper, and `message` for what went wrong."""

from __future__ import annotations

import re
from typing import Final

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, TITLE, Fault, Said

_TEXT: Final = {"type": "string"}


def _say(fault: Fault) -> Said:
    told = {"message": fault.detail or TITLE[fault.status], "code": str(fault.code)}
    told |= {"requestId": fault.request_id}
    return Said(PLAIN, told)


AGILITY: Final = Dialect(
    name="agility",
    under=re.compile(r"/agility(/|$)"),
    say=_say,
    errors={PLAIN: "AgilityError"},
    schemas={
        "AgilityError": {
            "type": "object",
            "required": ["message", "code", "requestId"],
            "properties": dict.fromkeys(("message", "code", "requestId"), _TEXT),
        }
    },
)
