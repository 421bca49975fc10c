"""By which OpenID providers people sign in, as the operator says in a file.

[acme]
label = "Acme"
issuer = "https://login.acme.example"
client_id = "counterfoil"
client_secret_file = "acme.secret"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from urllib.parse import urlsplit

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, read
from counterfoil.kernel.plain import in_words
from counterfoil.kernel.private import read_private
from counterfoil.runtime.provider import Provider, Providers, is_here
from counterfoil.runtime.settings import SettingError, Settings

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
_SCOPE: Final = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]{1,64}")
_KEYS: Final = frozenset({
    "label", "issuer", "client_id", "client_secret", "client_secret_file", "scopes", "claims",
    "organizations", "says_when",
})  # fmt: skip
_MOST_CHARS: Final = 512
_OTHERS: Final = 0o077


def providers(settings: Settings, clock: Clock) -> Providers:
    """Return what speaks to each provider that the settings name.

    Raises:
        SettingError: naming what is wrong in their file, or that nobody could sign in.
    """
    named = read_providers(Path(settings.providers)) if settings.providers else ()
    if not named and not settings.passwords:
        message = "without passwords and without providers nobody can sign in"
        raise SettingError(message)
    if not named:
        return Providers()
    from counterfoil.runtime.openid.client import OpenId  # noqa: PLC0415 - loads joserfc and httpx2 into every server, and most have no provider

    known = {one.name: OpenId(one, clock) for one in named}
    return Providers(known, passwords=settings.passwords)


def read_providers(file: Path) -> tuple[Provider, ...]:
    """Read a file of providers.

    Raises:
        SettingError: naming what is wrong in it.
    """
    try:
        held, private = read_private(file)
        tables = tomllib.loads(held.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        message = f"the file of providers, {file}, cannot be read: {in_words(error)}"
        raise SettingError(message) from None
    return tuple(_provider(name, said, file, private=private) for name, said in tables.items())


def _provider(name: str, said: object, file: Path, *, private: bool) -> Provider:
    if _NAME.fullmatch(name) is None or not isinstance(said, dict):
        raise _unfit(name, "is no provider")
    for key in said.keys() - _KEYS:
        raise _unfit(f"{name}.{key}", "is not known")
    issuer, client_id = _text(said, name, "issuer"), _text(said, name, "client_id")
    _fit(f"{name}.issuer", "is an https address, or http on this machine", fits=_is_issuer(issuer))
    scopes = said.get("scopes", ["openid"])
    fit = isinstance(scopes, list) and all(
        isinstance(s, str) and _SCOPE.fullmatch(s) for s in scopes
    )
    _fit(f"{name}.scopes", "is a list of words", fits=fit)
    claims = said.get("claims", {})
    fit = isinstance(claims, dict) and all(isinstance(v, str | int) for v in claims.values())
    _fit(f"{name}.claims", "holds texts, whole numbers, true and false", fits=fit)
    says_when = said.get("says_when", True)
    _fit(f"{name}.says_when", "is true or false", fits=isinstance(says_when, bool))
    return Provider(
        name=name,
        label=_text(said, name, "label") if "label" in said else name,
        issuer=issuer,
        client_id=client_id,
        client_secret=_secret(said, name, file, private=private),
        scopes=tuple(dict.fromkeys(("openid", *scopes))),
        claims=MappingProxyType(claims),
        organizations=_organizations(said, name),
        says_when=says_when,
    )


def _secret(said: Mapping[str, Any], name: str, file: Path, *, private: bool) -> str | None:
    if "client_secret" in said:
        _fit(f"{name}.client_secret", "is given twice", fits="client_secret_file" not in said)
        _fit(f"{name}.client_secret", f"can be read by others: chmod 600 {file}", fits=private)
        return _text(said, name, "client_secret")
    if "client_secret_file" not in said:
        return None
    place = file.parent / _text(said, name, "client_secret_file")
    try:
        secret = place.read_text().strip()
        closed = not place.stat().st_mode & _OTHERS
    except (OSError, UnicodeDecodeError):
        secret, closed = "", True
    _fit(f"{name}.client_secret_file", f"{place} cannot be read, or is empty", fits=bool(secret))
    _fit(f"{name}.client_secret_file", f"can be read by others: chmod 600 {place}", fits=closed)
    return secret


def _organizations(said: Mapping[str, Any], name: str) -> frozenset[OrganizationId]:
    if "organizations" not in said:
        return frozenset()
    some = said["organizations"]
    if not isinstance(some, list) or not some:  # whoever took the last one out means none, not all
        raise _unfit(f"{name}.organizations", "is a list of ids, and names one at least")
    try:
        return frozenset(OrganizationId(read(Prefix.ORGANIZATION, str(one))) for one in some)
    except NotFound:
        raise _unfit(f"{name}.organizations", "is a list of ids (org_…)") from None


def _is_issuer(issuer: str) -> bool:
    try:
        parts = urlsplit(issuer)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return False
    if not host or parts.query or parts.fragment or parts.username is not None:
        return False
    return parts.scheme == "https" or (parts.scheme == "http" and is_here(host))


def _text(said: Mapping[str, Any], name: str, key: str) -> str:
    text = said.get(key)
    fit = isinstance(text, str) and 0 < len(text) <= _MOST_CHARS and text.isprintable()
    _fit(f"{name}.{key}", "is missing, or no text", fits=fit)
    return str(text)


def _fit(what: str, why: str, *, fits: bool) -> None:
    if not fits:
        raise _unfit(what, why)


def _unfit(what: str, why: str) -> SettingError:
    return SettingError(f"{what} {why}")
