"""An OpenID provider of our own: it keeps the protocol, and signs whatever a test has it say."""

from __future__ import annotations

import base64
import hashlib
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import RSAKey

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.openid.client import OpenId
from counterfoil.runtime.provider import Claim, Provider, Unreachable

ISSUER = "https://login.acme.test"
CLIENT = "counterfoil"
SECRET = "what we share with Acme"

Claims = dict[str, Any]


@cache
def key(kid: str, bits: int = 2048) -> RSAKey:
    """Return a signing key, the same for the whole session of tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return RSAKey.generate_key(bits, {"kid": kid, "use": "sig"})


def half(text: str, bits: int = 256) -> str:
    """Return the left half of a digest, as `at_hash` has it."""
    whole = hashlib.new(f"sha{bits}", text.encode()).digest()
    return base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=").decode()


@dataclass
class Issuer:
    """Answers at its endpoints as a good provider does, but for what a test changes.

    Attributes:
        keys: what its key set names.
        says: makes another ID token of the claims that are right.
        about: what its metadata says otherwise; None takes a member out.
        silent: whether it answers at all.
        asked: the addresses that were asked, in order.
    """

    clock: Clock
    issuer: str = ISSUER
    keys: list[dict[str, Any]] = field(
        default_factory=lambda: [key("first").as_dict(private=False)]
    )
    says: Callable[[Claims], Claims] = dict
    signs: Callable[[Claims], str] = field(default_factory=lambda: sign)
    about: Mapping[str, Any] = field(default_factory=dict)
    silent: bool = False
    asked: list[str] = field(default_factory=list)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def get(self, url: str) -> dict[str, object]:
        self.asked.append(url)
        if self.silent:
            raise Unreachable("nobody is there")
        if url == f"{self.issuer}/keys":
            return {"keys": self.keys}
        assert url == f"{self.issuer}/.well-known/openid-configuration"
        good = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize?tenant=1",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "id_token_signing_alg_values_supported": ["RS256", "PS256", "HS256", "none"],
            "authorization_response_iss_parameter_supported": True,
        }
        return {name: value for name, value in {**good, **self.about}.items() if value is not None}

    def post(
        self, url: str, form: Mapping[str, str], headers: Mapping[str, str]
    ) -> tuple[int, dict[str, object]]:
        self.asked.append(url)
        asked = self.codes.pop(form["code"], None)
        verifier = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(verifier).rstrip(b"=").decode()
        pair = base64.b64encode(f"{CLIENT}:{SECRET.replace(' ', '+')}".encode()).decode()
        if headers.get("authorization") != f"Basic {pair}":
            return 401, {"error": "invalid_client"}
        if asked is None or asked["code_challenge"] != challenge:
            return 400, {"error": "invalid_grant"}
        if asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.clock.seconds())
        right = {
            "iss": self.issuer,
            "sub": asked["subject"],
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            "at_hash": half("access"),
        }
        return 200, {
            "access_token": "access",
            "token_type": "Bearer",
            "id_token": self.signs(self.says(right)),
        }

    def agreed(self, address: str, subject: str) -> dict[str, str]:
        """Return with what a browser comes back that was sent to an address, once somebody agrees.

        What was asked is checked as a good provider checks it.
        """
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{self.issuer}/authorize"
        assert asked["tenant"] == "1"
        assert (asked["response_type"], asked["client_id"]) == ("code", CLIENT)
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.asked)}-{len(self.codes)}-{subject}"
        self.codes[code] = {**asked, "subject": subject}
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def relied_on(self, name: str = "acme", **said: Any) -> OpenId:
        """Return what speaks to it, as an operator named it."""
        claims: Mapping[str, Claim] = said.pop("claims", {})
        organizations: frozenset[OrganizationId] = said.pop("organizations", frozenset())
        provider = Provider(
            name, name.title(), self.issuer, CLIENT, SECRET, claims=claims,
            organizations=organizations, **said,
        )  # fmt: skip
        return OpenId(provider, self.clock, self)


def sign(claims: Claims, kid: str = "first", **header: Any) -> str:
    """Sign claims as a provider does."""
    alg = str(header.pop("alg", "RS256"))
    return jwt.encode({"alg": alg, "kid": kid, **header}, claims, key(kid), algorithms=[alg])
