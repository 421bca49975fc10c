"""DatoCMS's way: failures are a list of `api_error`, and the version of the API is spoken of.

It stands here because the house's own token doors speak it too (CONTRACT: what `/cma` speaks).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from counterfoil.jsonapi.dialect import Dialect
from counterfoil.jsonapi.fault import PLAIN, REFERENCE, Fault, Said, kept
from counterfoil.jsonapi.parameter import one_of
from counterfoil.kernel.errors import Code, Malformed

API_VERSION: Final = "3"
"""The newest version of DatoCMS's contract, and the one that we speak."""

MAIN: Final = "main"
"""The one environment of a project (CONTRACT: content)."""

_VENDOR_CODE: Final = {
    401: "INVALID_AUTHORIZATION_HEADER",
    403: "INSUFFICIENT_PERMISSIONS",
    412: "STALE_ITEM_VERSION",
}
_TRANSIENT: Final = frozenset({429, 503})
_TEXT: Final = {"type": "string"}


def _hear(headers: Mapping[str, str]) -> None:
    if headers.get("x-api-version", API_VERSION) != API_VERSION:
        raise Malformed(
            Code.INVALID_API_VERSION,
            "This version of the API is not spoken here.",
            meta={"supported": [API_VERSION]},
        )
    if headers.get("x-environment", MAIN) != MAIN:  # elsewhere it would change what is published
        raise Malformed(
            Code.INVALID_ENVIRONMENT,
            "There is one environment: main.",
            meta={"supported": [MAIN]},
        )


def _say(fault: Fault) -> Said:
    details = {**fault.meta, "code": str(fault.code)}
    details |= kept(message=fault.detail, field=fault.field)
    attributes: dict[str, Any] = {
        "code": _VENDOR_CODE.get(fault.status, str(fault.code)),
        "doc_url": f"{REFERENCE}#{fault.code}",
        "details": details,
    }
    if fault.status in _TRANSIENT:
        attributes["transient"] = True
    error = {"id": fault.request_id, "type": "api_error", "attributes": attributes}
    return Said(PLAIN, {"data": [error]})


DATOCMS: Final = Dialect(
    name="datocms",
    under=re.compile(r"/datocms(/|$)|(/cma)?/(access_tokens|roles|users/me)(/|$)"),
    say=_say,
    errors={PLAIN: "ApiErrors"},
    schemas={
        "ApiErrors": {
            "type": "object",
            "required": ["data"],
            "properties": {
                "data": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "required": ["id", "type", "attributes"],
                        "properties": {
                            "id": _TEXT,
                            "type": {"const": "api_error"},
                            "attributes": {
                                "type": "object",
                                "required": ["code", "doc_url", "details"],
                                "properties": {
                                    "code": _TEXT,
                                    "doc_url": _TEXT,
                                    "details": {"type": "object"},
                                    "transient": {"type": "boolean"},
                                },
                            },
                        },
                    },
                }
            },
        }
    },
    headers={"X-Api-Version": API_VERSION},
    asks=(
        one_of("X-Api-Version", "The version of this contract.", [API_VERSION]),
        one_of("X-Environment", "The environment.", [MAIN]),
    ),
    fails=(Code.INVALID_API_VERSION, Code.INVALID_ENVIRONMENT),
    hear=_hear,
)
