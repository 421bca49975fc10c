"""What a provider signs about a person, and all that has to fit before it is believed (S48).

The order is that of OpenID Connect Core §3.1.3.7: the signature first, by a key of the provider's
that is made for the algorithm, and never by a shared secret; then whose word it is and for whom;
then when; then whether it answers the question that this browser was sent with.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

import msgspec
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry, deserialize_compact

from counterfoil.runtime.provider import Asking, Provider, Told, Unproven

ALGORITHMS: Final[Mapping[str, str]] = {
    "RS256": "RSA", "RS384": "RSA", "RS512": "RSA",
    "PS256": "RSA", "PS384": "RSA", "PS512": "RSA",
    "ES256": "EC", "ES384": "EC", "ES512": "EC",
    "EdDSA": "OKP", "Ed25519": "OKP",
}  # fmt: skip
"""What we believe a signature in, with the kind of key: no `none`, and nothing by shared secret."""

SKEW: Final = timedelta(seconds=60)
"""How far a provider's clock may be from ours."""

LONGEST_AGO: Final = timedelta(minutes=10)
"""How long ago a token may have been issued that answers a question of just now."""

_MOST_CHARS: Final = 32_768
_PARTS: Final = 3
_LEAST_CHARS: Final = 342
"""Of the modulus of an RSA key of 2048 bits, in base64url."""
_SUBJECT_CHARS: Final = 255

Key: TypeAlias = RSAKey | ECKey | OKPKey
_KINDS: Final[Mapping[str, type[Key]]] = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}


class UnknownKey(Unproven):
    """It is signed by a key that the provider did not name when it was last asked."""


def read(id_token: str, keys: Iterable[Key], allowed: Iterable[str]) -> tuple[dict[str, Any], str]:
    """Return the claims of an ID token whose signature is good, and its algorithm.

    The keys are the provider's as it names them now, and the algorithms those that it says to sign
    by.

    Raises:
        UnknownKey: if none of the keys is the one.
        Unproven: for any other fault.
    """
    header = _header(id_token)
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm not in ALGORITHMS or algorithm not in allowed:
        raise Unproven("it is signed in a way that proves nothing (alg)")
    key = _key(header.get("kid"), algorithm, keys)
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    try:
        payload = deserialize_compact(id_token, key, registry=registry).payload
    except (JoseError, ValueError) as error:
        raise Unproven("its signature is wrong") from error
    try:
        return msgspec.json.decode(payload or b"", type=dict[str, Any]), algorithm
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise Unproven("it cannot be read") from None


def _header(id_token: str) -> dict[str, Any]:
    encoded = id_token.partition(".")[0]
    if len(id_token) > _MOST_CHARS or id_token.count(".") != _PARTS - 1:
        raise Unproven("it is no signed token")
    try:
        raw = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        header = msgspec.json.decode(raw, type=dict[str, Any])
    except (ValueError, RecursionError):
        raise Unproven("it is no signed token") from None
    if "crit" in header:
        raise Unproven("it asks for what we do not know (crit)")
    return header


def _key(kid: Any, algorithm: str, keys: Iterable[Key]) -> Key:  # noqa: ANN401 - as it was sent
    fit = [one for one in keys if one.key_type == ALGORITHMS[algorithm]]
    named = fit if kid is None else [one for one in fit if one.kid == kid]
    if len(named) != 1:
        raise UnknownKey("it is signed by a key that the provider does not name (kid)")
    return named[0]


def keys_in(said: Mapping[str, object]) -> list[Key]:
    """Return the keys of a key set that are for signatures and strong enough; pass others over."""
    found: list[Key] = []
    entries = said.get("keys")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or entry.get("use", "sig") != "sig":
            continue
        kind = _KINDS.get(str(entry.get("kty")))
        if kind is None or (kind is RSAKey and len(str(entry.get("n"))) < _LEAST_CHARS):
            continue
        with suppress(JoseError, ValueError, TypeError, KeyError):
            found.append(kind.import_key(entry))
    return found


def judge(
    claims: Mapping[str, Any],
    provider: Provider,
    asking: Asking,
    now: datetime,
    *,
    algorithm: str,
    access_token: str | None,
) -> Told:
    """Return whom a token speaks of, if all of it answers the question that was asked.

    Raises:
        Unproven: naming the first claim that does not fit.
    """
    _for_us(claims, provider)
    _in_time(claims, now)
    nonce = claims.get("nonce")
    if not isinstance(nonce, str) or not hmac.compare_digest(nonce.encode(), asking.nonce.encode()):
        raise Unproven("it answers another question (nonce)")
    if "at_hash" in claims:
        _goes_with(claims["at_hash"], algorithm, access_token)
    for name, wanted in provider.claims.items():
        if not _says(claims.get(name), wanted):
            raise Unproven(f"it does not say what has to be said of who comes in here ({name})")
    return Told(provider.issuer, _subject(claims), _proved_at(claims, provider, asking, now))


def _for_us(claims: Mapping[str, Any], provider: Provider) -> None:
    if claims.get("iss") != provider.issuer:
        raise Unproven("it is another server's word (iss)")
    audience = claims.get("aud")
    named = [audience] if isinstance(audience, str) else audience
    if not isinstance(named, list) or provider.client_id not in named:
        raise Unproven("it is meant for somebody else (aud)")
    if len(named) > 1 and "azp" not in claims:
        raise Unproven("it is meant for several, and does not say who asked (azp)")
    if claims.get("azp", provider.client_id) != provider.client_id:
        raise Unproven("somebody else asked for it (azp)")


def _in_time(claims: Mapping[str, Any], now: datetime) -> None:
    if now >= _instant(claims, "exp") + SKEW:
        raise Unproven("it is over (exp)")
    issued_at = _instant(claims, "iat")
    if issued_at > now + SKEW:
        raise Unproven("it comes from the future (iat)")
    if issued_at < now - LONGEST_AGO - SKEW:
        raise Unproven("it is of long ago (iat)")
    if "nbf" in claims and _instant(claims, "nbf") > now + SKEW:
        raise Unproven("it is not yet good (nbf)")


def _goes_with(half: Any, algorithm: str, access_token: str | None) -> None:  # noqa: ANN401 - as it was sent
    """Return if `at_hash` is of the access token that came beside it (Core §3.1.3.6)."""
    bits = "512" if algorithm in {"EdDSA", "Ed25519"} else algorithm[2:]
    whole = hashlib.new(f"sha{bits}", (access_token or "").encode()).digest()
    wanted = base64.urlsafe_b64encode(whole[: len(whole) // 2]).rstrip(b"=")
    fits = isinstance(half, str) and hmac.compare_digest(half.encode(), wanted)
    if access_token is None or not fits:
        raise Unproven("it came with another token than it was made with (at_hash)")


def _subject(claims: Mapping[str, Any]) -> str:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _SUBJECT_CHARS:
        raise Unproven("it does not say who it is about (sub)")
    if not subject.isascii() or not subject.isprintable():
        raise Unproven("it does not say who it is about (sub)")
    return subject


def _proved_at(
    claims: Mapping[str, Any], provider: Provider, asking: Asking, now: datetime
) -> datetime:
    """Return when the person proved who they are: never later than now, nor too long ago."""
    if "auth_time" not in claims and not provider.says_when:
        return now
    proved_at = _instant(claims, "auth_time")
    if proved_at > now + SKEW:
        raise Unproven("the proof comes from the future (auth_time)")
    if asking.max_age_s is not None:
        oldest = asking.asked_at - timedelta(seconds=asking.max_age_s) - SKEW
        if proved_at < oldest:
            raise Unproven("the proof is too old: the provider did not ask anew (auth_time)")
    return min(proved_at, now)


def _instant(claims: Mapping[str, Any], name: str) -> datetime:
    seconds = claims.get(name)
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        with suppress(ValueError, OverflowError, OSError):
            return datetime.fromtimestamp(seconds, UTC)
    raise Unproven(f"it does not say when ({name})")


def _says(said: Any, wanted: object) -> bool:  # noqa: ANN401 - as it was sent
    each = said if isinstance(said, list) else [said]
    return any(type(one) is type(wanted) and one == wanted for one in each)
