"""Letters: what a notice says by mail. Plain text, links to the pages, and never a secret.

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

from counterfoil.notices.model import Facts, Kind, Notice, plain
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
class Reader:
    """Whom a letter is to, and in which organization they are told."""

    name: str
    email: str
    organization: str


def letter(one: Notice, reader: Reader, paper: Stationery, now: datetime) -> EmailMessage:
    """Write what a notice says.

    Raises:
        ValueError: if the reader's address can stand in no header.
    """
    said = [f"{one.title}.", *_SAYS.get(one.kind, _nothing)(one.facts)]
    lines = [*said, "", f"{paper.base}{place(one)}"]
    return _sealed(one.title, lines, f"{one.id}", reader, paper, now)


def digest(
    waiting: Sequence[Notice], reader: Reader, paper: Stationery, now: datetime
) -> EmailMessage:
    """Write to an approver which requests wait for them.

    Raises:
        ValueError: if the reader's address can stand in no header.
    """
    count = len(waiting)
    title = "A request waits for you" if count == 1 else f"{count} requests wait for you"
    lines = [f"{title}:", ""]
    lines += [f"  {one.title}, since {one.created_at:%Y-%m-%d}" for one in waiting]
    lines += ["", "Look at them before you decide:", f"{paper.base}/approvals"]
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
    foot = f"You are told this as a member of {plain(reader.organization)}."
    message.set_content("\n".join([*lines, "", "-- ", foot, ""]))
    return message


def _nothing(_facts: Facts) -> list[str]:
    return []


def _approved(facts: Facts) -> list[str]:
    less = ["It may do less than you asked for: look at what it can do now."]
    wrote = _wrote(facts) if facts.get("reason") else []
    return [*wrote, *(less if facts.get("narrowed") else []), "The secret that you hold works now."]


def _wrote(facts: Facts) -> list[str]:
    return [f"{plain(facts.get('by'))} writes: {plain(facts.get('reason'), _REASON)}"]


def _made(facts: Facts) -> list[str]:
    where = facts.get("address")
    return [
        f"It was made by somebody who is signed in as you{f', from {where}' if where else ''}.",
        "If that was not you, revoke it, and choose another password.",
    ]


def _ending(facts: Facts) -> list[str]:
    used = "It was used" if facts.get("used") else "It was not used"
    return [
        f"Its end is at {facts.get('expires_at')}. {used} in the last 24 hours.",
        "No end is put off: make a successor with the same settings in good time.",
    ]


def _ended(facts: Facts) -> list[str]:
    if not facts.get("used"):
        return ["It was not used in the last 24 hours."]
    return ["It was used in the last 24 hours: whatever used it is refused now."]


def _taken(facts: Facts) -> list[str]:
    by, days = facts.get("by"), facts.get("idle_days")
    if days:
        return [
            f"Nobody used it for {days} days, and the policy switches such tokens off.",
            "If it is needed after all, switch it on again. If not, revoke it.",
        ]
    return [f"It was done by {plain(by)}." if by else "It was done with the token itself."]


def _outside(facts: Facts) -> list[str]:
    until, at = facts.get("expires_at"), facts.get("enforce_at")
    if facts.get("barred"):
        return [
            "It is refused from now on: that policy allows none to the roles that you hold.",
            "It works again with such a role, or when the policy allows one of yours.",
        ]
    if facts.get("elsewhere"):
        return [
            "That policy lets the tokens of the organization in from certain addresses alone.",
            f"It was last used from {facts.get('elsewhere')}, which may not be among them.",
        ]
    if at:
        return [
            f"By that policy, which holds for it from {at} on, it ends at {facts.get('ends_at')}.",
            "No end is put off: make a successor by the new policy in good time.",
        ]
    return [
        f"It goes on as it is{f' until {until}' if until else ''}.",
        "A successor of it lives by the new policy: see what that allows before you need one.",
    ]


def _flagged(facts: Facts) -> list[str]:
    return [plain(facts.get("detail"), _REASON), "If you do not know why, revoke it or disable it."]


def _reminded(facts: Facts) -> list[str]:
    return [f"It waits for a decision since {facts.get('since')}."]


def _leaked(facts: Facts) -> list[str]:
    url = facts.get("url")
    done = {
        "disable": "It is switched off: whatever uses it is refused now.",
        "revoke": "It is revoked, for good: whatever uses it is refused now.",
    }
    return [
        *([f"It was seen at {plain(url, _REASON)}."] if url else []),
        done.get(str(facts.get("done")), "It still works: revoke it or switch it off."),
        "Make a successor, put it where this one was used, and look at what this one did.",
    ]


def _signing_in(_facts: Facts) -> list[str]:
    return [
        "It was done by somebody who had just proved to be you; all other sessions are over.",
        "If that was not you, choose another password, and tell whoever runs the server.",
    ]


def _guessed(facts: Facts) -> list[str]:
    where = facts.get("address")
    return [
        f"Nobody was let in by those{f'; the last came from {plain(where)}' if where else ''}.",
        "If that was not you, somebody has your password: choose another one now.",
        "You are told this once in a day, however often it is tried.",
    ]


_SAYS: Final[Mapping[Kind, Callable[[Facts], list[str]]]] = {
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
