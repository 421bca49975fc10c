"""What people are told: of which kind, about what, and in which words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, TypeAlias

from counterfoil.kernel.ids import NoticeId, OrganizationId, UserId
from counterfoil.kernel.sentence import N_, Say

Facts: TypeAlias = Mapping[str, str | int | bool | None]
"""What a notice says beside its kind: names as they were then, counts, instants as text."""

KEPT: Final = timedelta(days=90)
"""After so long a notice is gone, read or not."""

DIGEST_EVERY: Final = timedelta(days=1)
"""An approver gets one mail a day with all that waits for them (A10d)."""


class Kind(StrEnum):
    """What became true. `TITLE` says it in a sentence."""

    REQUEST_MADE = "request_made"
    REQUEST_REMINDED = "request_reminded"
    REQUEST_UNHEARD = "request_unheard"
    REQUEST_APPROVED = "request_approved"
    REQUEST_DENIED = "request_denied"
    REQUEST_LAPSED = "request_lapsed"
    TOKEN_CREATED = "token_created"  # noqa: S105 - a kind, no secret
    TOKEN_EXPIRING = "token_expiring"  # noqa: S105 - a kind, no secret
    TOKEN_EXPIRED = "token_expired"  # noqa: S105 - a kind, no secret
    TOKEN_REVOKED = "token_revoked"  # noqa: S105 - a kind, no secret
    TOKEN_DISABLED = "token_disabled"  # noqa: S105 - a kind, no secret
    TOKEN_FLAGGED = "token_flagged"  # noqa: S105 - a kind, no secret
    TOKEN_LEAKED = "token_leaked"  # noqa: S105 - a kind, no secret
    POLICY_CHANGED = "policy_changed"
    SECOND_FACTOR_ADDED = "second_factor_added"
    SECOND_FACTOR_REMOVED = "second_factor_removed"
    SECOND_FACTOR_GUESSED = "second_factor_guessed"
    RECOVERY_CODES_RENEWED = "recovery_codes_renewed"
    DIGEST = "digest"


SECURITY: Final = frozenset(
    {
        Kind.TOKEN_CREATED,
        Kind.TOKEN_REVOKED,
        Kind.TOKEN_DISABLED,
        Kind.TOKEN_FLAGGED,
        Kind.TOKEN_LEAKED,
        Kind.SECOND_FACTOR_ADDED,
        Kind.SECOND_FACTOR_REMOVED,
        Kind.SECOND_FACTOR_GUESSED,
        Kind.RECOVERY_CODES_RENEWED,
    }
)
"""What nobody can do without by mail: it may be somebody else who did it."""

IN_PAGE: Final = tuple(kind for kind in Kind if kind is not Kind.DIGEST)
"""What is listed. A digest is a mail alone, of notices that are listed."""

CHOOSABLE: Final = tuple(
    kind for kind in Kind if kind not in SECURITY and kind is not Kind.REQUEST_MADE
)
"""Of which kinds a person chooses whether they come by mail; requests come in a digest."""

TITLE: Final[Mapping[Kind, str]] = {
    Kind.REQUEST_MADE: N_("%(requester)s asks for the token %(name)s"),
    Kind.REQUEST_REMINDED: N_("%(requester)s reminds you of the token %(name)s"),
    Kind.REQUEST_UNHEARD: N_("Nobody is there who could approve your token %(name)s"),
    Kind.REQUEST_APPROVED: N_("Your token %(name)s is approved"),
    Kind.REQUEST_DENIED: N_("The token %(name)s is denied"),
    Kind.REQUEST_LAPSED: N_("Nobody decided on your token %(name)s: the request has lapsed"),
    Kind.TOKEN_CREATED: N_("The token %(name)s was made in your name"),
    Kind.TOKEN_EXPIRING: N_("Your token %(name)s ends in %(days)s days"),
    Kind.TOKEN_EXPIRED: N_("Your token %(name)s has ended"),
    Kind.TOKEN_REVOKED: N_("Your token %(name)s was revoked"),
    Kind.TOKEN_DISABLED: N_("Your token %(name)s was switched off"),
    Kind.TOKEN_FLAGGED: N_("Something is unlike your token %(name)s"),
    Kind.TOKEN_LEAKED: N_("The token %(name)s has leaked"),
    Kind.POLICY_CHANGED: N_("A new policy would not allow your token %(name)s"),
    Kind.SECOND_FACTOR_ADDED: N_("Your password asks for an authenticator app now"),
    Kind.SECOND_FACTOR_REMOVED: N_("Your password asks for no authenticator app any more"),
    Kind.SECOND_FACTOR_GUESSED: N_("Somebody typed your password, and wrong codes beside it"),
    Kind.RECOVERY_CODES_RENEWED: N_("You have new codes for recovery, and the old ones are void"),
    Kind.DIGEST: N_("Requests wait for you"),
}

SOMEBODY: Final = N_("Somebody")
_IN_A_DAY: Final = N_("Your token %(name)s ends in a day")


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that one person is told.

    Attributes:
        about: what it is about, spelled (`tok_…`, `req_…`).
        settled_at: since when there is nothing left to do about it.
        mail_due_at: when its mail is tried next; None if there is none to send any more.
        mail_tries: how often that was begun.
        mailed_at: when it was handed to the mail server last.
    """

    id: NoticeId
    organization: OrganizationId
    user: UserId
    kind: Kind
    about: str
    facts: Facts
    created_at: datetime
    read_at: datetime | None = None
    settled_at: datetime | None = None
    mail_due_at: datetime | None = None
    mail_tries: int = 0
    mailed_at: datetime | None = None

    @property
    def title(self) -> str:
        """What it says in English, as programs read it."""
        return self.titled(str)

    def titled(self, say: Say) -> str:
        """Return what it says, in a sentence of one line, whatever the names in it hold."""
        facts = {name: plain(value) for name, value in self.facts.items()}
        day = self.kind is Kind.TOKEN_EXPIRING and self.facts.get("days") == 1
        template = say(_IN_A_DAY if day else TITLE[self.kind])
        return template % {"name": "", "requester": say(SOMEBODY), "days": "", **facts}


_LONGEST: Final = 100


def plain(value: object, longest: int = _LONGEST) -> str:
    """Return a name as it may stand in a line of mail: on one line, printable, and not too long.

    Whoever chooses a name writes to others with it, so nothing in it may end a header, turn the
    direction of what follows, or look like an address that mail programs make into a link.
    """
    text = " ".join(str(value).split())
    text = "".join(char for char in text if char.isprintable())
    text = text.replace("://", ":/ /").replace("www.", "www ")
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
