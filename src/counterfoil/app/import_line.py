"""A token to be taken over, as a line of a file says it, and what that means here."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import datetime
from typing import Final, Literal

import msgspec

from counterfoil import content, directory, tokens
from counterfoil.access.roots import Roots
from counterfoil.access.surface import Surface, surfaces
from counterfoil.directory import Organization
from counterfoil.kernel import ids
from counterfoil.kernel.clock import read_instant
from counterfoil.kernel.errors import Code, Invalid, NotFound
from counterfoil.kernel.ids import NodeId, Prefix
from counterfoil.operation import Work
from counterfoil.secret import Foreign

_HEX: Final = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_HINT: Final = re.compile(r"[!-~…]{0,16}")
_HINT_CHARS: Final = 4
_DIGEST_BYTES: Final = 32


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a line says.

    Attributes:
        sha256: of the whole token, in hex or base64.
        bits: how many random bits there are in the token.
        expires_at: an instant, or `never`.
        role: by name or id; or else `user`, by e-mail address or id.
        scopes: None for all that the role or user may do.
        roots: nodes by id or by path; None for everywhere.
        hint: a few characters of the token, by which people tell it apart; at most 16.
    """

    name: str
    sha256: str
    bits: int
    expires_at: str
    role: str | None = None
    user: str | None = None
    scopes: list[str] | None = None
    roots: list[str] | None = None
    surfaces: tuple[Literal["delivery", "preview", "management"], ...] = ("delivery",)
    enabled: bool = True
    description: str = ""
    hint: str = ""


def foreign_of(line: Line) -> Foreign:
    """Return the hash of a line, with what the token is told apart by: itself, or its hash.

    Raises:
        Invalid: for what is no SHA-256, and for a hint that would give too much away.
    """
    if _HINT.fullmatch(line.hint) is None:
        raise _wrong("hint", "A hint has at most 16 characters, and no spaces.")
    sha256 = _sha256(line.sha256)
    return Foreign(sha256, line.hint or f"sha256…{sha256.hex()[-_HINT_CHARS:]}")


def wish_of(work: Work, organization: Organization, line: Line) -> tokens.Wish:
    """Return what a line wants, its names read as they are here.

    Raises:
        Invalid: naming the field, for a name that nobody has here.
    """
    scopes = None if line.scopes is None else work.vocabulary().read(line.scopes)
    more = {"inherit": True} if scopes is None else {"scopes": scopes}
    by_role = line.role is not None
    return tokens.Wish(
        name=line.name,
        description=line.description,
        authority="role" if by_role else "user",
        subject=_lender(work, organization, line),
        roots=_roots(work, organization, line.roots),
        surfaces=surfaces(*map(Surface, line.surfaces)),
        enabled=line.enabled,
        expires_at=_end(line.expires_at),
        **more,
    )


def _sha256(text: str) -> bytes:
    """Read a hash as programs write it: 64 digits of hex, or 32 bytes of base64."""
    if _HEX.fullmatch(text):
        return bytes.fromhex(text)
    try:
        read = base64.b64decode(text.translate(_URL_SAFE) + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError):
        read = b""
    if len(read) != _DIGEST_BYTES:
        raise _wrong(
            "sha256",
            "This is no SHA-256 of a whole token: 64 digits of hex, or 32 bytes in base64.",
        )
    return read


_URL_SAFE: Final = str.maketrans("-_", "+/")


def _end(text: str) -> datetime | None:
    return None if text == "never" else read_instant(text, "/data/attributes/expires_at")


def _lender(work: Work, organization: Organization, line: Line) -> int:
    """Return the id of the role or user whose authority a line takes."""
    if (line.role is None) == (line.user is None):
        raise _wrong("role", "A token acts by a role or by a user: name one of them.")
    try:
        if line.role is not None:
            return _role(work, organization, line.role)
        return _user(work, line.user or "")
    except NotFound:
        kind = "user" if line.role is None else "role"
        raise _wrong(kind, f"There is no {kind} {line.role or line.user!r} here.") from None


def _role(work: Work, organization: Organization, named: str) -> int:
    try:
        return ids.read(Prefix.ROLE, named)
    except NotFound:
        return directory.role_named(work.tx, organization.id, named).id


def _user(work: Work, named: str) -> int:
    try:
        return ids.read(Prefix.USER, named)
    except NotFound:
        found = directory.user_by_email(work.tx, named)
        if found is None:
            raise
        return found.id


def _roots(work: Work, organization: Organization, named: list[str] | None) -> Roots:
    return None if named is None else frozenset(_node(work, organization, one) for one in named)


def _node(work: Work, organization: Organization, named: str) -> NodeId:
    try:
        if not named.startswith("/"):
            return NodeId(ids.read(Prefix.NODE, named))
        found = content.stands_at(work.tx, organization.id, organization.root, named)
    except NotFound:
        found = None
    if found is None:
        raise _wrong("roots", f"There is no node {named} here.")
    return found


def _wrong(field: str, detail: str) -> Invalid:
    return Invalid(Code.INVALID_FIELD, detail, field=f"/data/attributes/{field}")
