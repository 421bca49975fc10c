"""Cursors: opaque, sealed, and good for one caller's one list alone (S35)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import replace
from typing import Any, Final, TypeVar

from counterfoil.jsonapi import given
from counterfoil.jsonapi.given import Paged
from counterfoil.jsonapi.parameter import AFTER
from counterfoil.jsonapi.route import Asked
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.page import Page, Wanted

T = TypeVar("T")

_SEAL_BYTES: Final = 16
_DOMAIN: Final = b"counterfoil/cursor/v1\0"


def wanted(asked: Asked, path: str) -> Wanted:
    """Return which piece of the list at this address is wanted, and after which row.

    Raises:
        Malformed: for a cursor that this caller did not get for this list.
    """
    said = asked.query.page()
    return said if said.after is None else replace(said, after=opened(asked, path, said.after))


def paged(asked: Asked, path: str, page: Page[Any], data: list[T]) -> Paged[T]:
    """Wrap a page of the list at this address, with a sealed cursor to the next one."""
    if page.after is not None:
        page = replace(page, after=sealed(asked, path, page.after))
    return given.paged(path, page, asked.query.page(), data, asked.query.kept())


def sealed(asked: Asked, path: str, row: str) -> str:
    """Return a cursor to what comes after this row, for this caller in this list."""
    return seal(asked.office.cursor_key, _context(asked, path), row.encode())


def opened(asked: Asked, path: str, cursor: str, parameter: str = AFTER.name) -> str:
    """Return the row that a cursor names.

    Raises:
        Malformed: for a cursor that this caller did not get for this list.
    """
    return unseal(asked.office.cursor_key, _context(asked, path), cursor, parameter).decode()


def seal(key: bytes, context: str, row: bytes) -> str:
    """Return a cursor that goes on after this row, in this context alone."""
    whole = _mac(key, context, row) + row
    return base64.urlsafe_b64encode(whole).rstrip(b"=").decode("ascii")


def unseal(key: bytes, context: str, cursor: str, parameter: str = AFTER.name) -> bytes:
    """Return the row after which a cursor goes on.

    Raises:
        Malformed: for a cursor that was not sealed with this key in this context, naming the
            parameter that it came in.
    """
    try:
        whole = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        raise _foreign(parameter) from None
    mac, row = whole[:_SEAL_BYTES], whole[_SEAL_BYTES:]
    if not hmac.compare_digest(mac, _mac(key, context, row)):
        raise _foreign(parameter)
    return row


def _context(asked: Asked, path: str) -> str:
    """Say whose list it is and which: a cursor is good for no other."""
    caller = asked.caller
    who = f"{caller.organization}.{caller.user}.{caller.token}"
    kept = "&".join(f"{name}={value}" for name, value in sorted(asked.query.kept().items()))
    return f"{who} {path}?{kept}"


def _mac(key: bytes, context: str, row: bytes) -> bytes:
    told = _DOMAIN + context.encode() + b"\0" + row
    return hmac.new(key, told, hashlib.sha256).digest()[:_SEAL_BYTES]


def _foreign(parameter: str) -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        f"The parameter {parameter!r} is not a cursor of this list.",
        meta={"parameter": parameter},
    )
