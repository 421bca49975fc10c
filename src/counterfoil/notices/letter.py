"""Letters: what a notice says by mail. Plain text, links to the pages, and never a secret.

Each is in the language of whoever it is to; `Tongue` puts a sentence into that.

Nothing can be approved by following a link: a page asks first. Names stand in a letter as
`model.plain` leaves them, for whoever chose them does not write it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Final

from counterfoil.kernel.sentence import N_
from counterfoil.notices.model import Facts, Kind, Notice, Say, plain
from counterfoil.notices.place import place

_REASON: Final = 1_000


@dataclass(frozen=True, slots=True)
class Stationery:
    """What all letters of an installation have in common.

    Attributes:
        base: the address of the pages, without a slash at its end.
        sender: the e-mail address that letters come from.
    """

    base: str
    sender: str

    @property
    def host(self) -> str:
        """The domain that letters come from."""
        return self.sender.rpartition("@")[2]


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language; `flagged` says in it what a token was flagged for, which is kept in English."""

    say: Say
    flagged: Say


ENGLISH: Final = Tongue(str, str)


@dataclass(frozen=True, slots=True)
class Reader:
    """Whom a letter is to, in which organization they are told, and in which language."""

    name: str
    email: str
    organization: str
    tongue: Tongue = ENGLISH


def letter(one: Notice, reader: Reader, paper: Stationery, now: datetime) -> EmailMessage:
    """Write what a notice says.

    Raises:
        ValueError: if the reader's address can stand in no header.
    """
    title = one.titled(reader.tongue.say)
    said = [f"{title}.", *_SAYS.get(one.kind, _nothing)(one.facts, reader.tongue)]
    lines = [*said, "", f"{paper.base}{place(one)}"]
    return _sealed(title, lines, f"{one.id}", reader, paper, now)


def digest(
    waiting: Sequence[Notice], reader: Reader, paper: Stationery, now: datetime
) -> EmailMessage:
    """Write to an approver which requests wait for them.

    Raises:
        ValueError: if the reader's address can stand in no header.
    """
    say, count = reader.tongue.say, len(waiting)
    one_waits, more_wait = N_("A request waits for you"), N_("%(count)s requests wait for you")
    title = say(one_waits) if count == 1 else say(more_wait) % {"count": count}
    lines = [f"{title}:", ""]
    for one in waiting:
        what = {"title": one.titled(say), "day": f"{one.created_at:%Y-%m-%d}"}
        lines.append("  " + say(N_("%(title)s, since %(day)s")) % what)
    lines += ["", say(N_("Look at them before you decide:")), f"{paper.base}/approvals"]
    mark = f"{waiting[0].user}-{now:%Y%m%d%H%M%S}"
    return _sealed(title, lines, mark, reader, paper, now)


def _sealed(  # noqa: PLR0917 - all that stands on a letter
    title: str,
    lines: Sequence[str],
    mark: str,
    reader: Reader,
    paper: Stationery,
    now: datetime,
) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = Address("Counterfoil", addr_spec=paper.sender)
    message["To"] = Address(plain(reader.name), addr_spec=reader.email)
    message["Subject"] = title
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<notice-{mark}@{paper.host}>"
    message["Auto-Submitted"] = "auto-generated"
    where = {"organization": plain(reader.organization)}
    foot = reader.tongue.say(N_("You are told this as a member of %(organization)s.")) % where
    message.set_content("\n".join([*lines, "", "-- ", foot, ""]))
    return message


def _nothing(_facts: Facts, _tongue: Tongue) -> list[str]:
    return []


def _approved(facts: Facts, tongue: Tongue) -> list[str]:
    wrote = _wrote(facts, tongue) if facts.get("reason") else []
    less = N_("It may do less than you asked for: look at what it can do now.")
    works = tongue.say(N_("The secret that you hold works now."))
    return [*wrote, *([tongue.say(less)] if facts.get("narrowed") else []), works]


def _wrote(facts: Facts, tongue: Tongue) -> list[str]:
    wrote = {"who": plain(facts.get("by")), "reason": plain(facts.get("reason"), _REASON)}
    return [tongue.say(N_("%(who)s writes: %(reason)s")) % wrote]


def _made(facts: Facts, tongue: Tongue) -> list[str]:
    made = N_("It was made by somebody who is signed in as you.")
    if facts.get("address"):
        made = N_("It was made by somebody who is signed in as you, from %(where)s.")
    return [
        tongue.say(made) % {"where": facts.get("address")},
        tongue.say(N_("If that was not you, revoke it, and choose another password.")),
    ]


def _ending(facts: Facts, tongue: Tongue) -> list[str]:
    end = tongue.say(N_("Its end is at %(when)s.")) % {"when": facts.get("expires_at")}
    later = N_("No end is put off: make a successor with the same settings in good time.")
    return [f"{end} {tongue.say(_USED if facts.get('used') else _UNUSED)}", tongue.say(later)]


def _ended(facts: Facts, tongue: Tongue) -> list[str]:
    refused = N_("It was used in the last 24 hours: whatever used it is refused now.")
    return [tongue.say(refused if facts.get("used") else _UNUSED)]


def _taken(facts: Facts, tongue: Tongue) -> list[str]:
    by, days = facts.get("by"), facts.get("idle_days")
    if days:
        idle = N_("Nobody used it for %(days)s days, and the policy switches such tokens off.")
        needed = N_("If it is needed after all, switch it on again. If not, revoke it.")
        return [tongue.say(idle) % {"days": days}, tongue.say(needed)]
    if by:
        return [tongue.say(N_("It was done by %(who)s.")) % {"who": plain(by)}]
    return [tongue.say(N_("It was done with the token itself."))]


def _outside(facts: Facts, tongue: Tongue) -> list[str]:
    if facts.get("barred"):
        says = [
            N_("It is refused from now on: that policy allows none to the roles that you hold."),
            N_("It works again with such a role, or when the policy allows one of yours."),
        ]
    elif facts.get("elsewhere"):
        says = [
            N_("That policy lets the tokens of the organization in from certain addresses alone."),
            N_("It was last used from %(where)s, which may not be among them."),
        ]
    elif facts.get("enforce_at"):
        says = [
            N_("By that policy, which holds for it from %(at)s on, it ends at %(end)s."),
            N_("No end is put off: make a successor by the new policy in good time."),
        ]
    else:
        goes_on = N_("It goes on as it is.")
        if facts.get("expires_at"):
            goes_on = N_("It goes on as it is until %(until)s.")
        says = [
            goes_on,
            N_(
                "A successor of it lives by the new policy: see what that allows before you need "
                "one."
            ),
        ]
    known = {
        "where": facts.get("elsewhere"),
        "at": facts.get("enforce_at"),
        "end": facts.get("ends_at"),
        "until": facts.get("expires_at"),
    }
    return [tongue.say(one) % known for one in says]


def _flagged(facts: Facts, tongue: Tongue) -> list[str]:
    why = plain(tongue.flagged(str(facts.get("detail") or "")), _REASON)
    return [why, tongue.say(N_("If you do not know why, revoke it or disable it."))]


def _reminded(facts: Facts, tongue: Tongue) -> list[str]:
    waits = N_("It waits for a decision since %(since)s.")
    return [tongue.say(waits) % {"since": facts.get("since")}]


def _leaked(facts: Facts, tongue: Tongue) -> list[str]:
    url = facts.get("url")
    seen = tongue.say(N_("It was seen at %(where)s.")) % {"where": plain(url, _REASON)}
    then = N_("Make a successor, put it where this one was used, and look at what this one did.")
    done = _DONE.get(str(facts.get("done")), N_("It still works: revoke it or switch it off."))
    return [*([seen] if url else []), tongue.say(done), tongue.say(then)]


def _signing_in(_facts: Facts, tongue: Tongue) -> list[str]:
    return [
        tongue.say(
            N_(
                "It was done by somebody who had just proved to be you; all other sessions are "
                "over."
            )
        ),
        tongue.say(
            N_("If that was not you, choose another password, and tell whoever runs the server.")
        ),
    ]


def _guessed(facts: Facts, tongue: Tongue) -> list[str]:
    by = N_("Nobody was let in by those.")
    if facts.get("address"):
        by = N_("Nobody was let in by those; the last came from %(where)s.")
    return [
        tongue.say(by) % {"where": plain(facts.get("address"))},
        tongue.say(N_("If that was not you, somebody has your password: choose another one now.")),
        tongue.say(N_("You are told this once in a day, however often it is tried.")),
    ]


_USED: Final = N_("It was used in the last 24 hours.")
_UNUSED: Final = N_("It was not used in the last 24 hours.")
_DONE: Final[Mapping[str, str]] = {
    "disable": N_("It is switched off: whatever uses it is refused now."),
    "revoke": N_("It is revoked, for good: whatever uses it is refused now."),
}
_SAYS: Final[Mapping[Kind, Callable[[Facts, Tongue], list[str]]]] = {
    Kind.REQUEST_REMINDED: _reminded,
    Kind.REQUEST_APPROVED: _approved,
    Kind.REQUEST_DENIED: _wrote,
    Kind.TOKEN_CREATED: _made,
    Kind.TOKEN_EXPIRING: _ending,
    Kind.TOKEN_EXPIRED: _ended,
    Kind.TOKEN_REVOKED: _taken,
    Kind.TOKEN_DISABLED: _taken,
    Kind.TOKEN_FLAGGED: _flagged,
    Kind.TOKEN_LEAKED: _leaked,
    Kind.POLICY_CHANGED: _outside,
    Kind.SECOND_FACTOR_ADDED: _signing_in,
    Kind.SECOND_FACTOR_REMOVED: _signing_in,
    Kind.SECOND_FACTOR_GUESSED: _guessed,
    Kind.RECOVERY_CODES_RENEWED: _signing_in,
}
