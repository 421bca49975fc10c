"""Speaks to one OpenID provider: where its endpoints are, its keys, and the code flow (S48).

What a provider says of itself is kept for an hour in each process. A signature by a key that is not
known yet makes us ask again for the keys, but not more than twice a minute; a provider that did not
answer is left alone for a moment; and few ask at a time. So nobody can make us a burden to it, and
it cannot keep all our threads waiting.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl, quote_plus, urlencode, urlsplit

from counterfoil.kernel.clock import Clock
from counterfoil.runtime.openid import id_token
from counterfoil.runtime.openid.elsewhere import Elsewhere
from counterfoil.runtime.provider import Asking, Provider, Told, Unproven, Unreachable

KEPT: Final = timedelta(hours=1)
AGAIN: Final = timedelta(seconds=30)
PAUSE: Final = timedelta(seconds=5)

_AT_ONCE: Final = 2
_PATIENCE_S: Final = 3.0

_DISCOVERY: Final = "/.well-known/openid-configuration"
_OK: Final = 200
_TEXT_CHARS: Final = 4_096


class Servers(Protocol):
    """Asks a provider's servers for JSON objects."""

    def get(self, url: str) -> dict[str, object]:
        """Return the object at an address, or raise Unreachable."""
        ...

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, object]]:
        """Return status and object that a form is answered with, or raise Unreachable."""
        ...


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a provider says of itself (OpenID Connect Discovery 1.0 §3)."""

    authorization: str
    token: str
    keys: str
    methods: tuple[str, ...]
    algorithms: tuple[str, ...]
    names_itself: bool


class OpenId:
    """Speaks to one provider.

    Args:
        provider: which, and what we are called there.
        clock: says when what is kept is too old.
        servers: asks the provider's servers; its own, by the rules of `Elsewhere`, if not given.
    """

    def __init__(self, provider: Provider, clock: Clock, servers: Servers | None = None) -> None:
        self._provider = provider
        self._clock = clock
        self._servers = servers or Elsewhere(provider.issuer)
        self._turns = threading.BoundedSemaphore(_AT_ONCE)
        self._metadata: tuple[Metadata, datetime] | None = None
        self._keys: tuple[list[id_token.Key], datetime] | None = None
        self._silent_since: datetime | None = None

    @property
    def provider(self) -> Provider:
        """Which provider it is."""
        return self._provider

    def address(self, asking: Asking) -> str:
        """Return where to send a browser with a question: the authorization endpoint, with PKCE.

        Raises:
            Unreachable: if the provider does not say where.
        """
        with self._asking():
            parts = urlsplit(self._about().authorization)
        digest = hashlib.sha256(asking.verifier.encode()).digest()
        query = {
            **dict(parse_qsl(parts.query)),
            "response_type": "code",
            "client_id": self._provider.client_id,
            "redirect_uri": asking.redirect_uri,
            "scope": " ".join(self._provider.scopes),
            "state": asking.state,
            "nonce": asking.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        if asking.max_age_s is not None:
            query["max_age"] = str(asking.max_age_s)
        return parts._replace(query=urlencode(query)).geturl()

    def told(self, asking: Asking, code: str, issuer: str | None, now: datetime) -> Told:
        """Return who somebody is, for the code that their browser came back with.

        Raises:
            Unproven: if anything does not fit.
            Unreachable: if the provider cannot be asked.
        """
        with self._asking():
            about = self._about()
            self._require_own(about, issuer)
            given = self._redeemed(about, asking, code)
            signed, access_token = given.get("id_token"), given.get("access_token")
            if not isinstance(signed, str):
                raise Unproven("it signed nothing (id_token)")
            claims, algorithm = self._read(about, signed)
        return id_token.judge(
            claims,
            self._provider,
            asking,
            now,
            algorithm=algorithm,
            access_token=access_token if isinstance(access_token, str) else None,
        )

    def require_own(self, issuer: str | None) -> None:
        """Return if an answer names the provider, where it says that it does (RFC 9207).

        Raises:
            Unproven: if another one answered in its place, or nobody says who.
            Unreachable: if the provider cannot be asked.
        """
        with self._asking():
            self._require_own(self._about(), issuer)

    def _require_own(self, about: Metadata, issuer: str | None) -> None:
        if issuer != self._provider.issuer and (issuer is not None or about.names_itself):
            raise Unproven("another server answered (iss)")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Be one of the few that ask at a time, and none right after a silence."""
        silent = self._silent_since
        if silent is not None and self._clock() - silent < PAUSE:
            raise Unreachable("it did not answer a moment ago")
        if not self._turns.acquire(timeout=_PATIENCE_S):
            raise Unreachable("too many wait for it")
        try:
            yield
            self._silent_since = None
        except Unreachable:
            self._silent_since = self._clock()
            raise
        finally:
            self._turns.release()

    def _about(self) -> Metadata:
        if self._metadata is None or self._clock() - self._metadata[1] > KEPT:
            issuer = self._provider.issuer
            said = self._servers.get(issuer.rstrip("/") + _DISCOVERY)
            if said.get("issuer") != issuer:
                raise Unreachable("it goes by another name (issuer)")
            self._metadata = (_metadata(said, issuer), self._clock())
        return self._metadata[0]

    def _read(self, about: Metadata, signed: str) -> tuple[dict[str, Any], str]:
        try:
            return id_token.read(signed, self._keys_at(about, KEPT), about.algorithms)
        except id_token.UnknownKey:
            return id_token.read(signed, self._keys_at(about, AGAIN), about.algorithms)

    def _keys_at(self, about: Metadata, kept: timedelta) -> list[id_token.Key]:
        if self._keys is None or self._clock() - self._keys[1] > kept:
            self._keys = (id_token.keys_in(self._servers.get(about.keys)), self._clock())
        return self._keys[0]

    def _redeemed(self, about: Metadata, asking: Asking, code: str) -> dict[str, object]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": asking.redirect_uri,
            "code_verifier": asking.verifier,
        }
        headers, more = self._credentials(about)
        status, said = self._servers.post(about.token, {**form, **more}, headers)
        if status != _OK:
            error = said.get("error")
            plain = error if isinstance(error, str) and error.isidentifier() else str(status)
            raise Unproven(f"it did not take the code that it gave ({plain[:64]})")
        return said

    def _credentials(self, about: Metadata) -> tuple[dict[str, str], dict[str, str]]:
        """Return the header and the fields by which we are known there (RFC 6749 §2.3.1)."""
        id_, secret = self._provider.client_id, self._provider.client_secret
        if secret is None:
            return {}, {"client_id": id_}
        if "client_secret_basic" not in about.methods and "client_secret_post" in about.methods:
            return {}, {"client_id": id_, "client_secret": secret}
        pair = f"{quote_plus(id_)}:{quote_plus(secret)}".encode()
        return {"authorization": f"Basic {base64.b64encode(pair).decode()}"}, {}


def _metadata(said: Mapping[str, object], issuer: str) -> Metadata:
    plain = issuer.startswith("http:")
    signs = _words(said, "id_token_signing_alg_values_supported", ("RS256",))
    methods = "token_endpoint_auth_methods_supported"
    return Metadata(
        authorization=_endpoint(said, "authorization_endpoint", plain=plain),
        token=_endpoint(said, "token_endpoint", plain=plain),
        keys=_endpoint(said, "jwks_uri", plain=plain),
        methods=_words(said, methods, ("client_secret_basic",)),
        algorithms=tuple(one for one in signs if one in id_token.ALGORITHMS),
        names_itself=said.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(said: Mapping[str, object], name: str, *, plain: bool) -> str:
    """Return an address that a provider names: of TLS, or of this machine as the provider is."""
    url = said.get(name)
    text = url if isinstance(url, str) and url.isascii() and url.isprintable() else ""
    if len(text) > _TEXT_CHARS or not text.startswith(("https://", "http://")[: 1 + plain]):
        raise Unreachable(f"it does not say where to go ({name})")
    return text


def _words(said: Mapping[str, object], name: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    words = said.get(name)
    if not isinstance(words, list):
        return otherwise
    return tuple(one for one in words if isinstance(one, str))
