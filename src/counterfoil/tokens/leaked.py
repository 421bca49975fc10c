"""What people do about a leaked token: look whose it is, act by the verbs of its kind, and note it.

What is pasted is looked through for the secrets of this installation and is gone then: it is kept
nowhere, and no failure repeats it (S9).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from counterfoil import directory
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.kernel.page import Page, Wanted
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind, digest, is_intact, pattern
from counterfoil.tokens import policy
from counterfoil.tokens.model import Token
from counterfoil.tokens.steps.last_use import Used, uses
from counterfoil.tokens.steps.notify import holder
from counterfoil.tokens.store import flags, leaks, rows, secrets
from counterfoil.tokens.store.leaks import Done, Report
from counterfoil.tokens.suspicion import LEARNING

MOST: Final = 20
"""So many tokens of a text are looked up."""
LATELY: Final = timedelta(days=7)
_KINDS: Final = (Kind.PERSONAL, Kind.SERVICE, Kind.CLIENT, Kind.EXCHANGED)


@dataclass(frozen=True, slots=True)
class Place:
    """A network that a token was used from, since when, and whether that is new for it."""

    network: str
    since: datetime
    is_new: bool


@dataclass(frozen=True, slots=True)
class Leaked:
    """A token whose secret was found in a text.

    `is_former` is a secret that opens nothing any more, while the token has another.
    """

    token: Token
    owner: str
    is_former: bool
    used: Used
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Search:
    """What a text held: tokens of this organization, and how many other strings of their form.

    `foreign` are intact and nobody's here; `broken` have a wrong checksum: a typo, or no token.
    `left` are intact and beyond what is looked up at once: whose they are, nobody knows yet.
    """

    found: tuple[Leaked, ...]
    foreign: int
    broken: int
    left: int


@operation("leak.look_up", requires=Scope.TOKENS_APPROVE, reads=True)
def look_up_leaked(work: Work, text: str) -> Search:
    """Find the tokens whose secrets stand in a text: the checksum is tried before any look-up."""
    work.permit()
    strings = list(dict.fromkeys(re.findall(pattern(work.prefix), text)))
    intact = [one for one in strings if is_intact(one)]
    digests = [digest(one) for one in intact[:MOST]]
    owned = secrets.owners(work.tx, digests)
    found = {}
    foreign = 0
    for one in digests:
        owner = owned.get(one)
        leaked = None if owner is None else _leaked(work, owner.token, is_former=owner.lives_on)
        if leaked is None:
            foreign += 1
        elif leaked.token.id not in found or not leaked.is_former:
            found[leaked.token.id] = leaked
    left = len(intact) - len(digests)
    return Search(tuple(found.values()), foreign, len(strings) - len(intact), left)


@operation("leak.note", requires=Scope.TOKENS_APPROVE)
def note_leak(work: Work, id_: TokenId, note: str, done: Done) -> Report:
    """Put on record what was done about a leaked token, with a note of what happened."""
    here = work.caller.organization
    token = rows.token(work.tx, here, id_, _KINDS)
    work.permit(target=spell(Prefix.TOKEN, id_))
    said = policy.remark(note, "note")
    work.note(said)
    report = Report(work.new_id(), here, token.id, "", said, done, _user(work), work.now)
    leaks.add(work.tx, report)
    return report


@operation("leak.list", requires=Scope.TOKENS_APPROVE, reads=True)
def list_leaks(work: Work, wanted: Wanted) -> Page[tuple[Report, Token]]:
    """List what was reported and noted of leaked tokens, the latest first."""
    work.permit()
    here = work.caller.organization
    found = leaks.page(work.tx, here, wanted)
    told = [(one, rows.token(work.tx, here, one.token, _KINDS)) for one in found.items]
    return Page(told, found.after, found.total)


def _leaked(work: Work, id_: TokenId, *, is_former: bool) -> Leaked | None:
    here = work.caller.organization
    try:
        token = rows.token(work.tx, here, id_, _KINDS)
    except NotFound:
        return None
    whose = holder(token)
    familiar = flags.familiar(work.tx, flags.Whose(here, id_)).networks
    first = min(familiar.values(), default=work.now)
    places = [
        Place(name, at, is_new=at >= work.now - LATELY and at - first >= LEARNING)
        for name, at in sorted(familiar.items(), key=lambda one: one[1], reverse=True)
    ]
    name = "" if whose is None else directory.user(work.tx, whose).name
    return Leaked(token, name, is_former, uses(work, [id_])[id_], tuple(places))


def _user(work: Work) -> UserId | None:
    return work.caller.user
