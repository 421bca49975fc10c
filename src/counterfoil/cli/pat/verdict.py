"""Who decides a request, and how it was decided, for whoever asked: also what was not granted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Final

from counterfoil.cli.exits import Exit
from counterfoil.cli.output import note, places, words

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.model import PersonalToken
    from counterfoil.client.model_requests import TokenRequest


_NAMED: Final = 5
"""So many people who could decide are named, as on the page of the request; others are counted."""


def waiting(asked: TokenRequest) -> str:
    """Say that a request waits, and for whom: `by Ann or Bob`."""
    able = asked.deciders
    if able is None:
        return f"… waiting for approval ({asked.spelled})"
    if not able:
        return f"! nobody can approve it at the moment ({asked.spelled}); waiting"
    both = "; two people must approve it" if asked.missing > 1 else ""
    return f"… waiting for approval by {_either(able)} ({asked.spelled}){both}"


def _either(names: Sequence[str]) -> str:
    """Return `Ann`, `Ann or Bob`, `Ann, Bob or Cy`; of many the first, and how many more."""
    more = len(names) - _NAMED
    each = [*names[:_NAMED], *([f"{more} more"] if more > 0 else [])]
    return " or ".join(filter(None, (", ".join(each[:-1]), each[-1])))


def verdict(client: Client, asked: TokenRequest) -> int:
    """Say how a request was decided; return the exit code for that."""
    if asked.state != "approved":
        why = asked.source["attributes"].get("reason")
        note(f"✗ {asked.spelled} is {asked.state}" + (f": {why}" if why else ""))
        return Exit.UNAPPROVED
    note(f"✓ {asked.spelled} is approved; the secret that you hold works now")
    if less := _less(client, asked):
        note(f"! it may do less than you asked: {less}")
    return Exit.OK


def _less(client: Client, asked: TokenRequest) -> str:
    """Return what was asked and not granted; nothing where that is not to be seen any more."""
    from counterfoil.client import ClientError

    if asked.token is None:
        return ""
    try:
        token = client.tokens.get(asked.token)
    except ClientError:
        return ""
    return "; ".join(_lacking(asked, token))


def _lacking(asked: TokenRequest, token: PersonalToken) -> Iterator[str]:
    wished = asked.asked
    for kind, granted in (("scopes", token.scopes), ("surfaces", token.surfaces)):
        said = wished.get(kind)
        if granted is None or said is None:
            gone, some = [], granted is not None
        else:
            gone, some = [one for one in said if one not in granted], False
        if gone or some:
            yield f"not {words(gone)}" if gone else f"only {words(list(granted or ()))}"
    if token.roots is not None and set(token.roots) != set(wished.get("roots") or ()):
        yield f"only under {places(token.roots)}"
    if token.expires_at and _is_before(token.expires_at, wished.get("expires_at")):
        yield f"only until {token.expires_at}"


def _is_before(end: str, wished: str | None) -> bool:
    return not wished or datetime.fromisoformat(end) < datetime.fromisoformat(wished)
