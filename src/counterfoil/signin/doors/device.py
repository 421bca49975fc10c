"""Where a device without a browser begins to sign in (RFC 8628 §3.1); people answer at a page."""

from __future__ import annotations

from typing import Final

from counterfoil.jsonapi.body import FORM_TYPE
from counterfoil.jsonapi.oauth import OAUTH
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Refused
from counterfoil.signin import policy
from counterfoil.signin.device import begin_device
from counterfoil.signin.doors.address import base
from counterfoil.signin.doors.wire import DeviceAsked, DeviceForm
from counterfoil.signin.model import CLI
from counterfoil.signin.policy import said

PAGE: Final = "/device"
"""Where a person answers. No address carries the code there: whoever comes types it (S49)."""


def begin(asked: Asked) -> Answer:
    """Answer a device with its code, and with the letters that it shows."""
    form = asked.form()
    if not form.get("client_id"):
        raise said("invalid_request", "The field client_id is missing.")
    if form["client_id"] != CLI or "client_secret" in form or "authorization" in asked.headers:
        raise Refused(None, "There is no such client.", meta={"error": "invalid_client"})
    if form.get("scope"):
        raise said("invalid_scope", "A session carries what its person may do: ask for no scope.")
    question = begin_device(asked.office, CLI, asked.origin)
    body = DeviceAsked(
        device_code=question.device_code,
        user_code=question.user_code,
        verification_uri=f"{base(asked)}{PAGE}",
        expires_in=int(policy.DEVICE_LIFE.total_seconds()),
        interval=policy.DEVICE_INTERVAL_S,
    )
    return Answer(200, body, secret=True)


ROUTES: Final = (
    Route(
        method="POST",
        path="/oauth/device_authorization",
        handle=begin,
        operation="",
        summary="Begin to sign in a device that has no browser: answers with letters to show.",
        gives={200: DeviceAsked},
        takes=DeviceForm,
        example={"client_id": CLI},
        reads=(FORM_TYPE,),
        fails=(Code.RATE_LIMIT_EXCEEDED, Code.INVALID_TOKEN),
        dialect=OAUTH,
        open=True,
        section="OAuth",
    ),
)
"""What the office serves to devices."""
