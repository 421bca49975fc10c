"""What is to be known of a notice beside its title: in one wording, for letters and for pages.

A letter adds what to do about it (`letter.py`). Names stand here as they were told: whoever puts
them into a line of mail makes them `plain`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from counterfoil.kernel.sentence import N_, Say
from counterfoil.notices.model import Facts, Kind


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language; `flagged` says in it what a token was flagged for, which is kept in English."""

    say: Say
    flagged: Say


ENGLISH: Final = Tongue(str, str)


def said(kind: Kind, facts: Facts, tongue: Tongue) -> list[str]:
    """Return the sentences that say it; none where the title says all."""
    if kind is Kind.TOKEN_FLAGGED:
        return [tongue.flagged(str(facts.get("detail") or ""))]
    known, filled = _SAYS.get(kind), defaultdict(str, facts)
    return [] if known is None else [tongue.say(one) % filled for one in known(facts)]


_Known: TypeAlias = Callable[[Facts], tuple[str, ...]]
"""Returns the templates of what is known, which its facts fill."""


def _made(facts: Facts) -> tuple[str, ...]:
    if facts.get("address"):
        return (N_("It was made by somebody signed in as you, from %(address)s."),)
    return (N_("It was made by somebody signed in as you."),)


def _ending(facts: Facts) -> tuple[str, ...]:
    return N_("It ends at %(expires_at)s."), _USED if facts.get("used") else _UNUSED


def _ended(facts: Facts) -> tuple[str, ...]:
    refused = N_("It was used in the last 24 hours: whatever used it is refused now.")
    return (refused if facts.get("used") else _UNUSED,)


def _taken(facts: Facts) -> tuple[str, ...]:
    if facts.get("idle_days"):
        return (
            N_("Nobody used it for %(idle_days)s days, and the policy switches such tokens off."),
        )
    if facts.get("by"):
        return (N_("It was done by %(by)s."),)
    return (N_("It was done with the token itself."),)


def _leaked(facts: Facts) -> tuple[str, ...]:
    done = _DONE.get(str(facts.get("done")), N_("It still works: revoke it or switch it off."))
    return (N_("It was seen at %(url)s."), done) if facts.get("url") else (done,)


def _outside(facts: Facts) -> tuple[str, ...]:
    if facts.get("barred"):
        return (N_("It is refused from now on: your roles may have no tokens."),)
    if facts.get("elsewhere"):
        return (N_("It was last used from %(elsewhere)s, which may not be allowed."),)
    if facts.get("enforce_at"):
        return (N_("The policy holds for it from %(enforce_at)s on; then it ends at %(ends_at)s."),)
    if facts.get("expires_at"):
        return (N_("It goes on as it is until %(expires_at)s."),)
    return (N_("It goes on as it is."),)


def _guessed(facts: Facts) -> tuple[str, ...]:
    if facts.get("address"):
        return (N_("Nobody was let in by those; the last came from %(address)s."),)
    return (N_("Nobody was let in by those."),)


_USED: Final = N_("It was used in the last 24 hours.")
_UNUSED: Final = N_("It was not used in the last 24 hours.")
_DONE: Final[Mapping[str, str]] = {
    "disable": N_("It is switched off: whatever uses it is refused now."),
    "revoke": N_("It is revoked, for good: whatever uses it is refused now."),
}
_SAYS: Final[Mapping[Kind, _Known]] = {
    Kind.TOKEN_CREATED: _made,
    Kind.TOKEN_EXPIRING: _ending,
    Kind.TOKEN_EXPIRED: _ended,
    Kind.TOKEN_REVOKED: _taken,
    Kind.TOKEN_DISABLED: _taken,
    Kind.TOKEN_LEAKED: _leaked,
    Kind.POLICY_CHANGED: _outside,
    Kind.SECOND_FACTOR_GUESSED: _guessed,
}
