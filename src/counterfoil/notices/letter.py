"""Letters: what a notice says by mail. Plain text, links to the pages, and never a secret.

Each is in the language of whoever it is to. What is to be known stands in `said.py`; here is what
to do about it.

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

from counterfoil.kernel.sentence import N_, Say
from counterfoil.notices.model import Facts, Kind, Notice, plain
from counterfoil.notices.place import place
from counterfoil.notices.said import ENGLISH, Tongue, said

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
    known = [plain(told, _REASON) for told in said(one.kind, one.facts, reader.tongue)]
    advice = _ADVICE.get(one.kind, _nothing)(one.facts, reader.tongue.say)
    lines = [f"{title}.", *known, *advice, "", f"{paper.base}{place(one)}"]
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


def _nothing(_facts: Facts, _say: Say) -> list[str]:
    return []


def _approved(facts: Facts, say: Say) -> list[str]:
    wrote = _wrote(facts, say) if facts.get("reason") else []
    less = N_("It may do less than you asked for: look at what it can do now.")
    works = say(N_("The secret that you hold works now."))
    return [*wrote, *([say(less)] if facts.get("narrowed") else []), works]


def _wrote(facts: Facts, say: Say) -> list[str]:
    wrote = {"who": plain(facts.get("by")), "reason": plain(facts.get("reason"), _REASON)}
    return [say(N_("%(who)s writes: %(reason)s")) % wrote]


def _reminded(facts: Facts, say: Say) -> list[str]:
    return [say(N_("It waits for a decision since %(since)s.")) % {"since": facts.get("since")}]


def _made(_facts: Facts, say: Say) -> list[str]:
    return [say(N_("If that was not you, revoke it, and choose another password."))]


def _ending(_facts: Facts, say: Say) -> list[str]:
    return [say(N_("No end is put off: make a successor with the same settings in good time."))]


def _taken(facts: Facts, say: Say) -> list[str]:
    needed = N_("If it is needed after all, switch it on again. If not, revoke it.")
    return [say(needed)] if facts.get("idle_days") else []


def _flagged(_facts: Facts, say: Say) -> list[str]:
    return [say(N_("If you do not know why, revoke it or disable it."))]


def _leaked(_facts: Facts, say: Say) -> list[str]:
    then = N_("Make a successor, put it where this one was used, and look at what this one did.")
    return [say(then)]


def _outside(facts: Facts, say: Say) -> list[str]:
    if facts.get("barred"):
        advice = N_("It works again when the policy allows tokens to a role that you hold.")
    elif facts.get("elsewhere"):
        advice = N_(
            "That policy lets the tokens of the organization in from certain addresses alone."
        )
    elif facts.get("enforce_at"):
        advice = N_("No end is put off: make a successor by the new policy in good time.")
    else:
        advice = N_(
            "A successor of it lives by the new policy: see what that allows before you need one."
        )
    return [say(advice)]


def _signing_in(_facts: Facts, say: Say) -> list[str]:
    done = N_("It was done by somebody who had just proved to be you; all other sessions are over.")
    strange = N_("If that was not you, choose another password, and tell whoever runs the server.")
    return [say(done), say(strange)]


def _guessed(_facts: Facts, say: Say) -> list[str]:
    return [
        say(N_("If that was not you, somebody has your password: choose another one now.")),
        say(N_("You are told this once in a day, however often it is tried.")),
    ]


_ADVICE: Final[Mapping[Kind, Callable[[Facts, Say], list[str]]]] = {
    Kind.REQUEST_REMINDED: _reminded,
    Kind.REQUEST_APPROVED: _approved,
    Kind.REQUEST_DENIED: _wrote,
    Kind.TOKEN_CREATED: _made,
    Kind.TOKEN_EXPIRING: _ending,
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
