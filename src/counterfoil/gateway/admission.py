"""Who may ask the gateway: proxies by one secret, and who scrapes its numbers by another (S54).

A proxy's secret lets whoever holds it pass for that proxy, so nothing that only watches holds it.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, Final

from counterfoil.kernel.errors import Code, Denied, Refused

SECRET: Final = "HTTP_COUNTERFOIL_GATE_SECRET"  # noqa: S105 - where it stands, not what it is

_SHOWN: Final = "HTTP_AUTHORIZATION"
_SCHEME: Final = "Bearer "


class Admission:
    """Lets in whoever presents what a door asks for.

    Args:
        proxy: what proxies present; empty if whoever reaches the gateway may ask.
        scraper: what Prometheus presents, as a bearer and for the numbers alone; empty if those
            are told as all else is.
    """

    def __init__(self, proxy: str = "", scraper: str = "") -> None:
        self._proxy = proxy.encode()
        self._scraper = scraper.encode()

    def proxy(self, environ: Mapping[str, Any]) -> None:
        """Return if whoever asks may: a proxy is believed, so not everybody is one.

        Raises:
            Denied: the secret is missing, or another.
        """
        if not self._proxy:
            return
        said = str(environ.get(SECRET, "")).encode("latin-1", "replace")
        if not hmac.compare_digest(said, self._proxy):
            raise Denied(Code.INSUFFICIENT_ROLE, "Counterfoil-Gate-Secret is not this gate's.")

    def scraper(self, environ: Mapping[str, Any]) -> None:
        """Return if whoever asks may be told the numbers: who scrapes, and who is a proxy too.

        Raises:
            Refused: the bearer is missing, or another.
            Denied: it was asked as a proxy asks, by another secret than its own.
        """
        if not self._scraper or (self._proxy and SECRET in environ):
            self.proxy(environ)
            return
        said = str(environ.get(_SHOWN, ""))
        if not said:
            raise Refused(Code.MISSING_AUTHORIZATION_HEADER)
        shown = said.removeprefix(_SCHEME).encode("latin-1", "replace")
        if not said.startswith(_SCHEME) or not hmac.compare_digest(shown, self._scraper):
            raise Refused(Code.INVALID_TOKEN)
