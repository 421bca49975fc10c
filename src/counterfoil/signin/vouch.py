"""A provider vouches for somebody who comes back from it: they sign in, and nothing else changes.

A person is known by issuer and subject. An e-mail address never lets anybody in and never links
anything; what links is the person, signed in with a fresh proof, or the code that they were invited
with. Whoever was shut out stays out, whatever a provider says (S20, S48).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog
from msgspec import structs

from counterfoil import directory
from counterfoil.access.caller import Caller, Origin
from counterfoil.directory import Member
from counterfoil.kernel.errors import Code, Conflict, CounterfoilError, Refused, Unserved
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.kernel.sentence import sentence
from counterfoil.office import Office
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.runtime.provider import Provider, Relying, Told, Unproven, Unreachable
from counterfoil.signin import policy
from counterfoil.signin.model import Account, Flow, Outside
from counterfoil.signin.steps import invited
from counterfoil.signin.steps.arrive import arrive
from counterfoil.signin.steps.flow import asking
from counterfoil.signin.steps.session import (
    OFFICE,
    account,
    end_all,
    find,
    in_person,
    on_behalf,
    vouched_by,
)
from counterfoil.signin.steps.visit import visitor
from counterfoil.signin.steps.vouched import require_vouched
from counterfoil.signin.store import flows, invitations, outside
from counterfoil.signin.ticket import Ticket, digest

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Came:
    """With what a browser comes back from a provider.

    Attributes:
        state: the ticket that went there with it.
        code: what the provider's token endpoint takes; None if it vouches for nobody.
        error: why not, in OAuth's words.
        issuer: who says to have answered (RFC 9207).
        ticket: the one in the browser's own cookie.
        cookie: the ticket of its session, if there is one.
        language: the one of the page that it comes back to.
    """

    state: str = field(repr=False)
    code: str | None = field(repr=False)
    error: str | None
    issuer: str | None
    ticket: str = field(repr=False)
    cookie: str = field(repr=False)
    language: str


@dataclass(frozen=True, slots=True)
class Arrival:
    """The ticket of a new browser session, and where its browser was going."""

    ticket: str = field(repr=False)
    next_: str | None


def vouch(office: Office, name: str, base: str, came: Came, origin: Origin) -> Arrival:
    """Let in whoever comes back from a provider that vouches for them.

    Raises:
        NotFound: if there is no such provider.
        Refused: PROVIDER_REFUSED, UNKNOWN_IDENTITY or INVALID_INVITATION.
        Denied: STEP_UP_REQUIRED, to who links an account and took too long over it;
            PROVIDER_REQUIRED, where a password may link none.
        Conflict: if the account is somebody else's already.
        Unserved: if the provider cannot be asked.
    """
    relying = office.providers[name]
    flow = _taken(office, relying.provider, came)
    who = _who(office, flow, came, relying.provider)
    doing = "identity.link" if flow.linking else "identity.accept" if flow.invitation else ""
    try:
        told = _told(office, relying, flow, base, came)
    except CounterfoilError as error:
        log.warning("a provider lets nobody in", provider=name, reason=error.detail)
        if who is not None:
            office.refuse(who, origin, doing, error)
        raise
    if who is None:
        who = _known(office, relying.provider, told, origin)
    with office.work(who, origin) as work:
        if flow.linking is not None:
            ticket = link(work, relying.provider, told, came)
        elif flow.invitation is not None:
            ticket = accept(work, relying.provider, told, flow.invitation, came)
        else:
            ticket = login(work, relying.provider, told, came)
    return Arrival(ticket, flow.next_)


@operation("signin.login_by_provider", requires=None, methods=OFFICE, vital=True)
def login(work: Work, provider: Provider, told: Told, came: Came) -> str:
    """Begin a browser session for a person whom a provider vouches for."""
    user = work.caller.user or UserId(0)
    work.permit(target=spell(Prefix.USER, user))
    position = work.head()  # before the look at the account: who is cut off meanwhile stays out
    known = outside.find(work.tx, told.issuer, told.subject)
    if known is None or known.user != user:
        raise policy.unknown_at(provider.label)
    account(work.tx, user, None)
    outside.touch(work.tx, known.id, work.now)
    return arrive(
        work,
        user,
        position,
        told.authenticated_at,
        old=came.cookie,
        provider=provider.name,
        language=came.language,
    )


@operation("identity.accept", requires=None, methods=OFFICE)
def accept(work: Work, provider: Provider, told: Told, shown: bytes, came: Came) -> str:
    """Let a person be known by a provider's account, by the code of an invitation: used up now."""
    who = work.caller.user or UserId(0)
    work.permit(target=spell(Prefix.USER, who))
    directory.hold_user(work.tx, who)
    position = work.head()
    user = invited.take(work, shown).user
    return _keep(work, provider, told, user, position, language=came.language)


@operation("identity.link", requires=None, methods=SESSION_ONLY, owner=True, fresh=True)
def link(work: Work, provider: Provider, told: Told, came: Came) -> str:
    """Let a person be known by a provider's account from now on; every session is over."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    position = work.head()
    session = find(work, came.cookie)
    if session is None or not policy.alive(session, work.now):
        raise policy.signed_out()
    account(work.tx, user, session.position)
    require_vouched(work.tx, session, hold=True)
    return _keep(work, provider, told, user, position, language=came.language)


def _keep(
    work: Work, provider: Provider, told: Told, user: UserId, position: int, *, language: str
) -> str:
    known = outside.find(work.tx, told.issuer, told.subject)
    new = Outside(work.new_id(), user, told.issuer, told.subject, work.now, work.now)
    taken = known is not None and known.user != user
    if taken or (known is None and not outside.keep(work.tx, new)):
        raise Conflict(
            Code.CONFLICT,
            sentence(
                "Somebody else is known here by this account of %(provider)s.",
                provider=provider.label,
            ),
        )
    invitations.drop(work.tx, user)
    end_all(work, user)
    directory.hand_over(work, user)
    at, by = told.authenticated_at, provider.name
    return arrive(work, user, position, at, provider=by, language=language)


def _taken(office: Office, provider: Provider, came: Came) -> Flow:
    """Return the flow that an answer belongs to, which is good for this one time."""
    state, browser = digest(Ticket.STATE, came.state), digest(Ticket.FLOW, came.ticket)
    flow = None
    if state is not None and browser is not None:
        with office.database.transaction(spare=True) as tx:
            flow = flows.take(tx, state, browser, provider.name)
    if flow is None or office.clock() >= flow.dies_at:
        raise policy.not_vouched(
            provider.label, "this browser did not begin it, or long ago, or it is done; begin anew"
        )
    return flow


def _who(office: Office, flow: Flow, came: Came, provider: Provider) -> Caller | None:
    """Return who began a flow, where that is known before the provider says anything.

    Raises:
        Refused: if they may not go on with it.
    """
    if flow.linking is not None:
        session, organization = visitor(office, came.cookie)
        if session.id != flow.linking:
            raise policy.signed_out()
        caller = in_person(session, organization)
        return structs.replace(caller, token_name=vouched_by(provider.name))
    if flow.invitation is not None:
        with office.database.reading() as tx:
            who = invited.find(tx, flow.invitation, office.clock())
        return on_behalf(who, provider.name)
    return None


def _told(office: Office, relying: Relying, flow: Flow, base: str, came: Came) -> Told:
    label = relying.provider.label
    try:
        if came.code is None or came.error is not None:
            relying.require_own(came.issuer)
            raise policy.not_vouched(label, _said(came.error))
        question = asking(flow, base, came.state, came.ticket)
        return relying.told(question, came.code, came.issuer, office.clock())
    except Unproven as error:
        raise policy.not_vouched(label, str(error)) from error
    except Unreachable as error:
        raise Unserved(
            Code.NOT_READY, sentence("%(provider)s is silent: %(why)s.", provider=label, why=error)
        ) from error


def _known(office: Office, provider: Provider, told: Told, origin: Origin) -> Caller:
    """Return the office acting for whom an account belongs to, if they may come in by it.

    Raises:
        Refused: UNKNOWN_IDENTITY; where somebody has the account, that is on record.
    """
    with office.database.reading() as tx:
        known = outside.find(tx, told.issuer, told.subject)
        places = [] if known is None else directory.memberships(tx, known.user)
        who = None
        if known is not None and _belongs(places, provider):
            try:
                who = account(tx, known.user, None)
            except Refused:
                who = None
    if who is not None:
        return on_behalf(who, provider.name)
    error = policy.unknown_at(provider.label)
    if known is not None and places:
        shut_out = Account(known.user, places[0].organization)
        office.refuse(on_behalf(shut_out, provider.name), origin, "signin.login_by_provider", error)
    raise error


def _belongs(places: list[Member], provider: Provider) -> bool:
    """Say whether somebody is a member where a provider's people have to be."""
    wanted = provider.organizations
    return not wanted or any(one.active and one.organization in wanted for one in places)


def _said(error: str | None) -> str:
    if error == "access_denied":
        return "you did not agree to it there, or were not let in"
    return f"it answers {error}" if error and error.isidentifier() else "it sends no code"
