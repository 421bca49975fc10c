"""What came back, and what it says when it says no.

Three ways of saying no are read: JSON:API's `errors`, DatoCMS's `api_error` list, OAuth's `error`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import Any, Final

from counterfoil.client.errors import STRANGE, ApiError, Unexpected, kind_of
from counterfoil.client.redact import redact
from counterfoil.kernel.clock import Clock

_FAILED: Final = 400
_TOO_MANY: Final = 429
ENDLESS_S: Final = 1e9
"""Whoever asks to wait for longer, or gives something for longer, is heard as if for this long."""
_RESET: Final = re.compile(r";\s*t=(\d{1,9})\b")


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name, and the body as it came."""

    status: int
    headers: Mapping[str, str]
    raw: bytes = field(repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            Unexpected: if it is none.
        """
        try:
            read = json.loads(self.raw) if self.raw else {}
        except (ValueError, RecursionError):
            read = None
        if not isinstance(read, dict):
            message = (
                f"the answer ({self.status}) is not a JSON object: is this a Counterfoil server?"
            )
            raise Unexpected(message)
        return read

    @property
    def data(self) -> Any:  # noqa: ANN401 - an object, a list or null: which, only the path says that was asked
        """The primary data of the document."""
        return self.document.get("data")


def error_of(answer: Answer, clock: Clock) -> ApiError | None:
    """Return the error that an answer is, if it is one."""
    if answer.status < _FAILED:
        return None
    told = _told(answer)
    source = told.get("source")
    meta = told.get("meta") or told.get("details")
    request_id = answer.headers.get("x-request-id") or told.get("id")
    code = str(told.get("code") or f"{STRANGE}{answer.status}")
    return kind_of(answer.status, code)(
        answer.status,
        code,
        redact(str(told.get("detail") or told.get("title") or "")),
        field=source.get("pointer") if isinstance(source, dict) else None,
        request_id=str(request_id) if request_id else None,
        meta=meta if isinstance(meta, dict) else {},
        wait=wait_of(answer, clock),
    )


def _told(answer: Answer) -> dict[str, Any]:
    try:
        document = answer.document
    except Unexpected:
        return {}
    if isinstance(document.get("error"), str):
        return {"code": document["error"], "detail": document.get("error_description")}
    if isinstance(document.get("code"), str):  # application/problem+json
        return document
    listed = document.get("errors") or document.get("data")
    first = listed[0] if isinstance(listed, list) and listed else {}
    if not isinstance(first, dict):
        return {}
    attributes = first.get("attributes")
    if isinstance(attributes, dict):  # DatoCMS: our own code stands in the details
        details = attributes.get("details")
        precise = details if isinstance(details, dict) else {}
        return first | attributes | {"detail": precise.get("message")} | precise
    return first


def wait_of(answer: Answer, clock: Clock) -> float | None:
    """Return the seconds that an answer asks to wait: `Retry-After`, else what the limit says.

    `Retry-After` is seconds or a date (RFC 9110 §10.2.3). `RateLimit` (draft-ietf-httpapi, its `t`)
    and `X-RateLimit-Reset` are seconds to go, and speak only when the limit is what refused.
    """
    after = answer.headers.get("retry-after")
    if after is None and answer.status == _TOO_MANY:
        told = _RESET.search(answer.headers.get("ratelimit", ""))
        after = told[1] if told else answer.headers.get("x-ratelimit-reset")
    if after is None:
        return None
    try:
        return min(max(0.0, float(after)), ENDLESS_S)
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(after).timestamp() - clock.seconds())
    except (ValueError, TypeError, OverflowError):
        return None
