"""What a notice says beside its title, in the reader's language: what a letter says of it (A24)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from counterfoil.notices.model import Facts, Kind, Notice
from counterfoil.web.language import N_
from counterfoil.web.views.flag_said import flag_said
from counterfoil.web.views.scope_words import Say


def notice_said(one: Notice, say: Say) -> str:
    """Return what is to be known of it; empty where its title says all."""
    known = _SAYS.get(one.kind)
    return str(one.facts.get("reason") or "") if known is None else known(one.facts, say)


def _ending(facts: Facts, say: Say) -> str:
    when = say(N_("It ends at %(when)s.")) % {"when": facts.get("expires_at")}
    return f"{when} {_used(facts, say)}"


def _ended(facts: Facts, say: Say) -> str:
    if facts.get("used"):
        return say(N_("It was used in the last 24 hours: whatever used it is refused now."))
    return _used(facts, say)


def _used(facts: Facts, say: Say) -> str:
    if facts.get("used"):
        return say(N_("It was used in the last 24 hours."))
    return say(N_("It was not used in the last 24 hours."))


def _flagged(facts: Facts, say: Say) -> str:
    return flag_said(str(facts.get("detail") or ""), say)


def _made(facts: Facts, say: Say) -> str:
    if facts.get("address"):
        where = {"where": facts.get("address")}
        return say(N_("It was made by somebody signed in as you, from %(where)s.")) % where
    return say(N_("It was made by somebody signed in as you."))


def _taken(facts: Facts, say: Say) -> str:
    if facts.get("idle_days"):
        idle = N_("Nobody used it for %(days)s days, and the policy switches such tokens off.")
        return say(idle) % {"days": facts.get("idle_days")}
    if facts.get("by"):
        return say(N_("It was done by %(who)s.")) % {"who": facts.get("by")}
    return say(N_("It was done with the token itself."))


def _leaked(facts: Facts, say: Say) -> str:
    done = say(_DONE.get(str(facts.get("done")), _NOTHING_DONE))
    if facts.get("url"):
        return f"{say(N_('It was seen at %(where)s.')) % {'where': facts.get('url')}} {done}"
    return done


def _outside(facts: Facts, say: Say) -> str:
    if facts.get("barred"):
        return say(N_("It is refused from now on: your roles may have no tokens."))
    if facts.get("elsewhere"):
        where = {"where": facts.get("elsewhere")}
        return say(N_("It was last used from %(where)s, which may not be allowed.")) % where
    if facts.get("enforce_at"):
        when = {"at": facts.get("enforce_at"), "end": facts.get("ends_at")}
        return say(N_("The policy holds for it from %(at)s on; then it ends at %(end)s.")) % when
    if facts.get("expires_at"):
        return say(N_("It goes on as it is until %(when)s.")) % {"when": facts.get("expires_at")}
    return say(N_("It goes on as it is."))


def _guessed(facts: Facts, say: Say) -> str:
    if facts.get("address"):
        where = {"where": facts.get("address")}
        return say(N_("Nobody was let in by those; the last came from %(where)s.")) % where
    return say(N_("Nobody was let in by those."))


_NOTHING_DONE: Final = N_("It still works: revoke it or switch it off.")
_DONE: Final = MappingProxyType(
    {
        "disable": N_("It is switched off: whatever uses it is refused now."),
        "revoke": N_("It is revoked, for good: whatever uses it is refused now."),
    }
)
_SAYS: Final[Mapping[Kind, Callable[[Facts, Say], str]]] = MappingProxyType(
    {
        Kind.TOKEN_CREATED: _made,
        Kind.TOKEN_EXPIRING: _ending,
        Kind.TOKEN_EXPIRED: _ended,
        Kind.TOKEN_REVOKED: _taken,
        Kind.TOKEN_DISABLED: _taken,
        Kind.TOKEN_FLAGGED: _flagged,
        Kind.TOKEN_LEAKED: _leaked,
        Kind.POLICY_CHANGED: _outside,
        Kind.SECOND_FACTOR_GUESSED: _guessed,
    }
)
