"""A person signs in with a passkey: nothing is typed, and nothing that is kept here would do."""

from __future__ import annotations

from counterfoil.access.caller import Origin
from counterfoil.kernel.errors import CounterfoilError, Refused
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.ceremony import ask_for_one, prove, refused
from counterfoil.signin.model import ENTER, Account, Passkey, Question
from counterfoil.signin.steps.arrive import arrive
from counterfoil.signin.steps.question import Asked, Browser, put, take
from counterfoil.signin.steps.session import OFFICE, account, on_behalf
from counterfoil.signin.store import passkeys


def ask_who_it_is(
    office: Office, browser: Browser, origin: Origin, *, user: UserId | None = None
) -> Asked:
    """Ask a browser for a passkey: of this person, or of whoever stands there.

    Raises:
        Denied: PASSWORDS_REFUSED.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    policy.require_passkeys(office.providers.passwords)
    allowed: list[bytes] = []
    if user is not None:
        with office.database.reading() as tx:
            allowed = [one.credential for one in passkeys.of_user(tx, user)]
    challenge, ticket = put(office, browser, Question(purpose=ENTER, user=user), origin)
    return Asked(ask_for_one(browser.site, challenge, allowed), ticket)


def sign_in_by_passkey(
    office: Office,
    browser: Browser,
    answer: str,
    origin: Origin,
    old: str = "",
    *,
    only: UserId | None = None,
    language: str | None = None,
) -> str:
    """Return the ticket of a new browser session; the one that the `old` ticket names is over.

    `only` is who may come in by it: somebody who is signed in proves that it is still them.
    `language` is that of the page.

    Raises:
        Denied: PASSWORDS_REFUSED.
        Refused: PASSKEY_REFUSED, whatever is wrong.
    """
    policy.require_passkeys(office.providers.passwords)
    question, shown = take(office, browser, answer, ENTER)
    known, who = _owner(office, shown.credential)
    try:
        theirs = {known.user, shown.user or known.user}
        if theirs | {question.user or known.user, only or known.user} != {known.user}:
            raise refused("it is somebody else's")
        signed = prove(browser.site, answer, shown.challenge, known.public_key, known.sign_count)
    except CounterfoilError as error:
        office.refuse(on_behalf(who), origin, "signin.login_by_passkey", error)
        raise
    with office.work(on_behalf(who), origin) as work:
        return login(work, known, signed, old, language)


def _owner(office: Office, credential: bytes) -> tuple[Passkey, Account]:
    """Return a passkey and whom it lets in.

    Raises:
        Refused: PASSKEY_REFUSED for one that lets nobody in.
    """
    with office.database.reading() as tx:
        known = passkeys.find(tx, credential)
        if known is not None:
            try:
                return known, account(tx, known.user, None)
            except Refused:
                pass
    raise refused("nobody who may come in here has it")


@operation("signin.login_by_passkey", requires=None, methods=OFFICE, vital=True)
def login(
    work: Work, known: Passkey, sign_count: int, old: str = "", language: str | None = None
) -> str:
    """Begin a browser session for a person whose passkey signed what was asked."""
    work.permit(target=spell(Prefix.USER, known.user))
    position = work.head()  # before the look at the account: who is cut off meanwhile stays out
    account(work.tx, known.user, None)
    if not passkeys.touch(work.tx, known, sign_count, work.now):
        raise refused("it was removed or used at this very moment; try again")
    return arrive(work, known.user, position, work.now, old=old, language=language)
