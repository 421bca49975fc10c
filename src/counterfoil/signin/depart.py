"""Somebody leaves for an OpenID provider, which is to say who they are.

What it has to answer is bound to their browser: its cookie and the answer together make the
verifier of PKCE and the nonce, and neither alone does. So an answer that went astray, or that was
made for somebody else's browser, opens nothing (S48).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from counterfoil.access.caller import Origin
from counterfoil.kernel.errors import Code, Refused, Unserved
from counterfoil.kernel.ids import TokenId
from counterfoil.kernel.sentence import sentence
from counterfoil.office import Office
from counterfoil.runtime.provider import Unreachable
from counterfoil.signin import policy
from counterfoil.signin.model import Flow
from counterfoil.signin.steps import invited
from counterfoil.signin.steps.flow import asking
from counterfoil.signin.steps.session import in_person
from counterfoil.signin.steps.visit import visitor
from counterfoil.signin.steps.vouched import require_vouched
from counterfoil.signin.store import flows, identities
from counterfoil.signin.ticket import Ticket, draw


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants of a provider's word.

    Attributes:
        next_: where to go on to afterwards, within this server.
        code: the one-time code of the invitation that they take up by it.
        link: whether they, who are signed in, want to be known by it from now on.
        base: our own address, to which the provider sends the browser back.
        cookie: the ticket of the browser session, if there is one.
    """

    base: str
    cookie: str = field(repr=False)
    next_: str | None = None
    code: str | None = field(default=None, repr=False)
    link: bool = False


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser goes, and the ticket that its cookie keeps meanwhile."""

    address: str
    ticket: str = field(repr=False)


def depart(office: Office, name: str, wish: Wish, origin: Origin) -> Departure:
    """Send somebody to the provider of this name.

    Who is signed in already comes to prove anew who they are, so the provider has to ask them.

    Raises:
        NotFound: if there is no such provider.
        Refused: if somebody would link an account who is not signed in, or the code is none.
        Denied: STEP_UP_REQUIRED, if they signed in too long ago to link one; PROVIDER_REQUIRED.
        Limited: RATE_LIMIT_EXCEEDED.
        Unserved: if the provider does not say where to go.
    """
    relying = office.providers[name]
    now = office.clock()
    linking, signed_in = _standing(office, wish)
    shown = None if wish.code is None else invited.digest_of(wish.code, office.prefix)
    if shown is not None:
        with office.database.reading() as tx:
            invited.find(tx, shown, now)
    ticket, browser = draw(Ticket.FLOW, office.entropy)
    answer, state = draw(Ticket.STATE, office.entropy)
    flow = Flow(
        state=state,
        browser=browser,
        provider=name,
        begun_at=now,
        dies_at=now + policy.FLOW_LIFE,
        next_=wish.next_,
        linking=linking,
        invitation=shown,
        max_age_s=0 if signed_in and linking is None and shown is None else None,
    )
    source = identities.source_key(origin.address)
    with office.database.transaction(spare=True) as tx:
        flows.drop_late(tx, now)
        policy.require_few(flows.count(tx, source))
        flows.add(tx, flow, source)
    try:
        return Departure(relying.address(asking(flow, wish.base, answer, ticket)), ticket)
    except Unreachable as error:
        raise Unserved(
            Code.NOT_READY,
            sentence(
                "%(provider)s is silent: %(why)s.", provider=relying.provider.label, why=error
            ),
        ) from error


def _standing(office: Office, wish: Wish) -> tuple[TokenId | None, bool]:
    """Return the session that an account is to be linked from, and whether somebody is signed in.

    Raises:
        Refused, Denied: if they may not link one.
    """
    try:
        session, organization = visitor(office, wish.cookie)
    except Refused:
        if wish.link:
            raise
        return None, False
    if not wish.link:
        return None, True
    in_person(session, organization).proved_within(office.clock())
    with office.database.reading() as tx:
        require_vouched(tx, session, hold=False)
    return session.id, True
