"""A person signs in with e-mail and password, and out again."""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.caller import Origin
from counterfoil.access.scope import Scope
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.signin.password import ARGON2ID, Passwords
from counterfoil.signin.steps.arrive import arrive
from counterfoil.signin.steps.attempt import Proved, attempt, still_holds
from counterfoil.signin.steps.session import OFFICE, end_all, on_behalf


def sign_in(  # noqa: PLR0913 - what a form says, and what its door knows besides
    office: Office,
    email: str,
    password: str,
    origin: Origin,
    old: str = "",
    *,
    code: str = "",
    language: str | None = None,
    passwords: Passwords = ARGON2ID,
) -> str:
    """Return the ticket of a new browser session; the one that the `old` ticket names is over.

    `code` is of the app of who has set up one, or one for recovery;
    `language` is that of the page, if one took part.

    Raises:
        Denied: PASSWORDS_REFUSED, where only providers let people in.
        Refused: WRONG_PASSWORD, whatever is wrong.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    proved = attempt(office, email, password, origin, code=code, passwords=passwords)
    with office.work(on_behalf(proved.account), origin) as work:
        return login(work, proved, old, language)


@operation("signin.login", requires=None, methods=OFFICE, vital=True)
def login(work: Work, proved: Proved, old: str = "", language: str | None = None) -> str:
    """Begin a browser session for a person whose password was proved."""
    user = proved.account.user
    work.permit(target=spell(Prefix.USER, user))
    position = work.head()  # before the look at the account: who is cut off meanwhile stays out
    still_holds(work, proved)
    return arrive(work, user, position, work.now, old=old, language=language)


@operation("signin.logout", requires=None, vital=True)
def logout(work: Work, session: TokenId) -> None:
    """End this and every other session of the person, at every client."""
    work.permit(target=spell(Prefix.TOKEN, session))
    if work.caller.user is not None:
        end_all(work, work.caller.user)


@operation(
    "user.sign_out",
    requires=Scope.USERS_MANAGE,
    methods=SESSION_ONLY | OFFICE,
    owner=True,
    denies_with=Code.PAT_CANNOT_MANAGE_USERS,
    vital=True,
)
def sign_out(work: Work, user: UserId) -> None:
    """End every session of a member, at every client: one's own without any scope (S44)."""
    place = directory.hold_member(work.tx, work.caller.organization, user)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    if user != work.caller.user:
        directory.require_reach(work.tx, place.organization, work.caller.grant.terms, place.roles)
    end_all(work, user)
