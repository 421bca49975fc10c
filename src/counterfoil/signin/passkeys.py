"""A person's passkeys: one is added, by who has just proved who they are or was given a code.

What lets somebody in has changed then, so what others are signed in by is over (S44).
"""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.caller import Caller, Origin
from counterfoil.feed.event import SecretTaken
from counterfoil.kernel.errors import Code, Conflict, Invalid, NotFound
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.kernel.sentence import sentence
from counterfoil.office import Office
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.signin import policy
from counterfoil.signin.ceremony import Made, Person, ask_for_new, made, refused
from counterfoil.signin.model import ACCEPT, ADD, Passkey, Question
from counterfoil.signin.steps import invited
from counterfoil.signin.steps.arrive import arrive
from counterfoil.signin.steps.question import Asked, Browser, put, take
from counterfoil.signin.steps.session import OFFICE, end_all, on_behalf
from counterfoil.signin.steps.ways import require_a_way
from counterfoil.signin.store import invitations, passkeys


def ask_who_adds(office: Office, caller: Caller, browser: Browser, origin: Origin) -> Asked:
    """Ask the browser of somebody who is signed in for a new passkey.

    Raises:
        Denied: PASSWORDS_REFUSED, or STEP_UP_REQUIRED to who proved too long ago who they are.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    policy.require_passkeys(office.providers.passwords)
    caller.proved_within(office.clock())
    user = caller.user or UserId(0)
    question = Question(purpose=ADD, user=user)
    return _asked(office, browser, question, user, origin)


def ask_who_accepts(office: Office, code: str, browser: Browser, origin: Origin) -> Asked:
    """Ask the browser of somebody who was invited for their first passkey; the code stays good.

    Raises:
        Denied: PASSWORDS_REFUSED.
        Refused: INVALID_INVITATION.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    policy.require_passkeys(office.providers.passwords)
    shown = invited.digest_of(code, office.prefix)
    with office.database.reading() as tx:
        who = invited.find(tx, shown, office.clock())
    question = Question(purpose=ACCEPT, user=who.user, invitation=shown)
    return _asked(office, browser, question, who.user, origin)


def added(office: Office, caller: Caller, browser: Browser, answer: str) -> Made:
    """Return the passkey that a browser made for whoever is signed in there.

    Raises:
        Denied: PASSWORDS_REFUSED, or STEP_UP_REQUIRED; the question stays good then.
        Refused: PASSKEY_REFUSED.
    """
    policy.require_passkeys(office.providers.passwords)
    caller.proved_within(office.clock())
    question, shown = take(office, browser, answer, ADD)
    if question.user != caller.user:
        raise refused("somebody else was asked for it in this browser")
    return made(browser.site, answer, shown.challenge)


def accept_by_passkey(
    office: Office,
    browser: Browser,
    answer: str,
    origin: Origin,
    *,
    language: str | None = None,
) -> str:
    """Let somebody in who was invited and made a passkey; return the ticket of their session.

    `language` is that of the page.

    Raises:
        Denied: PASSWORDS_REFUSED.
        Refused: PASSKEY_REFUSED or INVALID_INVITATION.
    """
    policy.require_passkeys(office.providers.passwords)
    question, shown = take(office, browser, answer, ACCEPT)
    new = made(browser.site, answer, shown.challenge)
    invitation = question.invitation or b""
    with office.database.reading() as tx:
        who = invited.find(tx, invitation, office.clock())
    with office.work(on_behalf(who), origin) as work:
        return accept(work, invitation, new, language)


@operation("passkey.list", requires=None, owner=True, reads=True)
def list_passkeys(work: Work) -> list[Passkey]:
    """Return the caller's passkeys, the oldest first."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user)
    return passkeys.of_user(work.tx, user)


@operation("passkey.add", requires=None, methods=SESSION_ONLY, owner=True, fresh=True)
def add(work: Work, new: Made, name: str) -> None:
    """Let the caller in by this passkey too; every other session of theirs is over."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    _keep(work, user, new, policy.passkey_name(name))
    end_all(work, user, but=work.caller.token)


@operation("passkey.accept", requires=None, methods=OFFICE)
def accept(work: Work, shown: bytes, new: Made, language: str | None = None) -> str:
    """Let a person in by a passkey, by the code of an invitation, which is used up."""
    who = work.caller.user or UserId(0)
    work.permit(target=spell(Prefix.USER, who))
    directory.hold_user(work.tx, who)
    position = work.head()
    user = invited.take(work, shown).user
    _keep(work, user, new, "")
    invitations.drop(work.tx, user)
    end_all(work, user)
    directory.hand_over(work, user)
    return arrive(work, user, position, work.now, language=language)


@operation("passkey.rename", requires=None, owner=True)
def rename(work: Work, id_: int, name: str) -> None:
    """Call one of the caller's passkeys otherwise.

    Raises:
        NotFound: if they have no such one.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    if not passkeys.rename(work.tx, user, id_, policy.passkey_name(name)):
        raise NotFound


@operation(
    "passkey.forget", requires=None, methods=SESSION_ONLY, owner=True, fresh=True, vital=True
)
def forget_passkey(work: Work, id_: int, *, local: bool = True) -> None:
    """Let the caller in by this passkey no more; every other session of theirs is over (S44).

    Raises:
        NotFound: if they have no such one.
        Conflict: if it is their last way in.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    if not passkeys.drop(work.tx, user, id_):
        raise NotFound
    require_a_way(work, user, local=local)
    work.emit(SecretTaken(user=user))
    end_all(work, user, but=work.caller.token)


def _asked(
    office: Office, browser: Browser, question: Question, user: UserId, origin: Origin
) -> Asked:
    with office.database.reading() as tx:
        person = directory.user(tx, user)
        held = [one.credential for one in passkeys.of_user(tx, user)]
    challenge, ticket = put(office, browser, question, origin)
    whose = Person(user, person.name, person.email or person.name)
    options = ask_for_new(browser.site, whose, challenge, held)
    return Asked(options, ticket)


def _keep(work: Work, user: UserId, new: Made, name: str) -> None:
    held = passkeys.of_user(work.tx, user)
    if len(held) >= policy.MOST_PASSKEYS:
        raise Invalid(
            Code.INVALID_FIELD,
            sentence(
                "Nobody has more than %(most)s passkeys: remove one that is not used.",
                most=policy.MOST_PASSKEYS,
            ),
            field="/name",
        )
    one = Passkey(
        id=work.new_id(),
        user=user,
        credential=new.credential,
        public_key=new.public_key,
        sign_count=new.sign_count,
        name=name,
        made_at=work.now,
    )
    if not passkeys.keep(work.tx, one):
        raise Conflict(Code.CONFLICT, "This passkey lets somebody in already.")
