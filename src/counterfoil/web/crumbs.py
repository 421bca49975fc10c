"""Small cookies beside the session's: where one acts, in which language, what was just done.

None of them is a credential. Under https their names bind them to this host, as the session's does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from counterfoil.jsonapi.route import Asked
from counterfoil.kernel import ids
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import OrganizationId, Prefix, UserId
from counterfoil.signin.doors.address import is_secure
from counterfoil.signin.model import Account

_ORGANIZATION: Final = "organization"
YEAR_S: Final = 365 * 24 * 60 * 60


def read(asked: Asked, name: str) -> str:
    """Return what a cookie says; empty if there is none."""
    return asked.cookies.get(_named(asked, name), "")


def given(asked: Asked, name: str, value: str, life_s: int) -> str:
    """Return what gives a cookie for so many seconds; none takes it away."""
    secure = "; Secure" if is_secure(asked) else ""
    flags = f"Max-Age={life_s}; Path=/; HttpOnly; SameSite=Lax{secure}"
    return f"{_named(asked, name)}={value}; {flags}"


def acted(asked: Asked) -> Account | None:
    """Return who acted last in this browser, and where; None if it does not say.

    A browser has one such cookie, so it names the person: whoever signs in after somebody else
    does not find themselves in that one's organization.
    """
    where, _, who = read(asked, _ORGANIZATION).partition(".")
    try:
        organization = OrganizationId(ids.read(Prefix.ORGANIZATION, where))
        return Account(UserId(ids.read(Prefix.USER, who)), organization)
    except NotFound:
        return None


def acting(asked: Asked, who: Account) -> str:
    """Return what keeps where somebody acts, for as long as a year."""
    value = f"{who.organization}.{who.user}"
    return given(asked, _ORGANIZATION, value, YEAR_S)


def address(path: str, params: Mapping[str, str], query: Mapping[str, Sequence[str]]) -> str:
    """Return a path with what stands in its braces and behind its question mark."""
    for name, value in params.items():
        path = path.replace(f"{{{name}}}", value)
    pairs = [(name, value) for name, values in query.items() for value in values]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _named(asked: Asked, name: str) -> str:
    return f"__Host-counterfoil-{name}" if is_secure(asked) else f"counterfoil-{name}"
