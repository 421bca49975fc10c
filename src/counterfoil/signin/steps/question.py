"""What a browser is asked to sign: bound to that browser, for one purpose, and good for once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from counterfoil.access.caller import Origin
from counterfoil.office import Office
from counterfoil.signin import policy
from counterfoil.signin.ceremony import Shown, Site, read, refused
from counterfoil.signin.model import Question
from counterfoil.signin.store import identities, passkeys
from counterfoil.signin.ticket import Ticket, digest, draw, raw, spelled


@dataclass(frozen=True, slots=True)
class Browser:
    """The browser at the door.

    Attributes:
        site: where it stands.
        ticket: what its cookie keeps from question to answer; empty if it was asked nothing yet.
    """

    site: Site
    ticket: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a browser, as JSON, and the ticket that its cookie is to keep."""

    options: bytes
    ticket: str = field(repr=False)


def put(office: Office, browser: Browser, question: Question, origin: Origin) -> tuple[bytes, str]:
    """Keep a question of this purpose; return its challenge, and the ticket of its browser.

    A browser that has a ticket keeps it, so that a question in another tab stays good.

    Raises:
        Limited: RATE_LIMIT_EXCEEDED.
    """
    ticket, known = browser.ticket, digest(Ticket.BROWSER, browser.ticket)
    if known is None:
        ticket, known = draw(Ticket.BROWSER, office.entropy)
    drawn, challenge = draw(Ticket.CHALLENGE, office.entropy)
    now, source = office.clock(), identities.source_key(origin.address)
    kept = replace(question, challenge=challenge, browser=known, dies_at=now + policy.FLOW_LIFE)
    with office.database.transaction(spare=True) as tx:
        passkeys.drop_late(tx, now)
        policy.require_few(passkeys.count(tx, source))
        passkeys.ask(tx, kept, source)
    return raw(drawn), ticket


def take(office: Office, browser: Browser, answer: str, purpose: str) -> tuple[Question, Shown]:
    """Return the question that an answer belongs to, and what the answer says of itself.

    Whatever comes of it: the question is good for this one time.

    Raises:
        Refused: PASSKEY_REFUSED if this browser was not asked it, or long ago, or it is answered.
    """
    shown = read(answer)
    known = digest(Ticket.BROWSER, browser.ticket)
    challenge = digest(Ticket.CHALLENGE, spelled(shown.challenge))
    question = None
    if known is not None and challenge is not None:
        with office.database.transaction(spare=True) as tx:
            question = passkeys.answered(tx, challenge, known, purpose)
    if question is None or office.clock() >= question.dies_at:
        raise refused("this browser was not asked that, or long ago, or it is answered; try again")
    return question, shown
