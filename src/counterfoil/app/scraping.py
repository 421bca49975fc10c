"""The door at which Prometheus asks; closed until its operator says what it has to present (S54).

The numbers are of all organizations of an installation, so no token of one of them opens it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from pathlib import Path

from counterfoil.app.counting import SCRAPED
from counterfoil.app.metering import Metering
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, NotFound, Refused
from counterfoil.runtime.exposition import MEDIA
from counterfoil.runtime.secretfile import SecretFileError, secret_in
from counterfoil.runtime.settings import PREFIX, SettingError, Settings

_SCHEME = "Bearer "


def routes(secret: bytes, metering: Metering) -> tuple[Route, ...]:
    """Return the door of an office, which opens to a secret, or to nobody if there is none."""

    def scrape(asked: Asked) -> Answer:
        if not secret:
            raise NotFound
        said = asked.headers.get("authorization", "")
        shown = said.removeprefix(_SCHEME).encode("latin-1", "replace")
        if not said.startswith(_SCHEME) or not hmac.compare_digest(shown, secret):
            raise Refused(Code.INVALID_TOKEN)
        headers = {"Content-Type": MEDIA, "Cache-Control": "no-store"}
        return Answer(200, metering.exposition(), headers)

    return doors(scrape)


def doors(scrape: Callable[[Asked], Answer]) -> tuple[Route, ...]:
    """Return the one route, as it is."""
    method, _, path = SCRAPED.partition(" ")
    return (
        Route(
            method,
            path,
            scrape,
            "",
            "Numbers for Prometheus",
            gives={200: str},
            media=MEDIA,
            open=True,
            section="Server",
            fails=(Code.NOT_FOUND, Code.INVALID_TOKEN),
        ),
    )


def secret_of(settings: Settings) -> bytes:
    """Return what has to be presented; nothing if nobody is told.

    Raises:
        SettingError: if the file of the secret holds none, or others may read it.
    """
    if not settings.metrics_secret_file:
        return b""
    try:
        return secret_in(Path(settings.metrics_secret_file)).encode()
    except SecretFileError as error:
        raise SettingError(f"{PREFIX}METRICS_SECRET_FILE: {error}") from None
