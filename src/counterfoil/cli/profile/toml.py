"""The profiles as TOML: how they are read, and how they are spelled."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from counterfoil.cli.profile.model import DEFAULT, Profile, Profiles

if TYPE_CHECKING:
    from counterfoil.client import SessionTokens

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
"""What a profile may be called."""

_TEXTS: Final = ("url", "organization", "pat_token", "client_id", "client_secret")
_OWN: Final = frozenset({*_TEXTS, "session", "keyring"})
_TOP: Final = frozenset({*_OWN, "profile", "profiles"})


class WrongError(Exception):
    """It is no TOML, or not the TOML that belongs there; it says what is wrong."""


class TwoKindsError(Exception):
    """A profile holds two kinds of credentials."""


def read(raw: bytes) -> Profiles:
    """Return the profiles of a file.

    Raises:
        WrongError: if it is broken.
        TwoKindsError: if a profile holds two kinds of credentials.
    """
    try:
        said = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        place = str(error).partition("(")[2].rstrip(")") or "it is not UTF-8"
        raise WrongError(f"is not TOML: {place}") from None
    tables, current = said.get("profiles", {}), said.get("profile", DEFAULT)
    if not isinstance(tables, dict) or not all(isinstance(one, dict) for one in tables.values()):
        raise WrongError("needs a table for each profile: [profiles.NAME]")
    if not isinstance(current, str):
        raise WrongError("needs a string as profile")
    for name in (current, *tables):
        if not NAME.fullmatch(name):
            raise WrongError(f"has a profile with a name that is none: {name!r}")
    _require_known(said, _TOP)
    top = {key: value for key, value in said.items() if key in _OWN}
    named = {name: _profile(table) for name, table in tables.items()}
    return Profiles({DEFAULT: _profile(top), **named} if top else named, current)


def spell(profiles: Profiles) -> str:
    """Return the text of a file."""
    lines = [] if profiles.current == DEFAULT else [f"profile = {_quoted(profiles.current)}"]
    lines += _lines(profiles.get(DEFAULT), "session")
    for name, profile in profiles.named.items():
        if name != DEFAULT:
            lines += ["", f"[profiles.{name}]", *_lines(profile, f"profiles.{name}.session")]
    return "\n".join([*lines, ""])


def _require_known(said: Mapping[str, Any], keys: frozenset[str]) -> None:
    if unknown := sorted(said.keys() - keys):
        raise WrongError(f"has a key that it does not know: {unknown[0]!r}")


def _profile(said: Mapping[str, Any]) -> Profile:
    _require_known(said, _OWN)
    for key in _TEXTS:
        if not isinstance(said.get(key, ""), str):
            raise WrongError(f"needs a string as {key}")
    keyring = said.get("keyring", False)
    if not isinstance(keyring, bool):
        raise WrongError("needs true or false as keyring")
    profile = Profile(
        **{key: said[key] for key in _TEXTS if said.get(key)},
        session=_session(said.get("session")),
        keyring=keyring,
    )
    pair = profile.client_id, profile.client_secret
    kinds = (profile.pat_token is not None, any(pair), profile.session is not None, keyring)
    if sum(kinds) > 1:
        raise TwoKindsError
    if any(pair) and not all(pair):
        raise WrongError("has half of the pair client_id and client_secret")
    return profile


def _session(said: object) -> SessionTokens | None:
    match said:
        case None:
            return None
        case {"access": str(access), "refresh": str(refresh), "good_until": int(until)}:
            from counterfoil.client import SessionTokens

            return SessionTokens(access, refresh, until)
    raise WrongError("has a [session] that is not ours")


def _lines(profile: Profile, session: str) -> list[str]:
    lines = [
        f"{key} = {_quoted(value)}"
        for key in _TEXTS
        if (value := getattr(profile, key)) is not None
    ]
    if profile.keyring:
        lines.append("keyring = true")
    if profile.session is not None:
        lines += [
            "",
            f"[{session}]",
            f"access = {_quoted(profile.session.access)}",
            f"refresh = {_quoted(profile.session.refresh)}",
            f"good_until = {int(profile.session.good_until)}",
        ]
    return lines


def _quoted(text: str) -> str:
    """Return a TOML basic string: JSON's, but for the one control that only TOML forbids."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
