"""How `/__api` speaks: plain JSON, and one object that says what went wrong."""

from __future__ import annotations

import re
from typing import Final

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, TITLE, Fault, Said, kept

_TEXT: Final = {"type": "string"}


def _say(fault: Fault) -> Said:
    error = {"code": str(fault.code), "message": fault.detail or TITLE[fault.status]}
    error |= {**kept(field=fault.field, **fault.meta), "request_id": fault.request_id}
    return Said(PLAIN, {"status": fault.status, "error": error})


SQUIZ: Final = Dialect(
    name="squiz",
    under=re.compile(r"/__api(/|$)"),
    say=_say,
    errors={PLAIN: "SquizError"},
    schemas={
        "SquizError": {
            "type": "object",
            "required": ["status", "error"],
            "properties": {
                "status": {"type": "integer"},
                "error": {
                    "type": "object",
                    "required": ["code", "message", "request_id"],
                    "properties": {"code": _TEXT, "message": _TEXT, "request_id": _TEXT},
                },
            },
        }
    },
)
