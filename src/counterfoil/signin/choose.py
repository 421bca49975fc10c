"""A person chooses a password: by the code of an invitation, or by the password that they have.

Either way every session is over, and the person signs in anew (S44).
"""

from __future__ import annotations

from counterfoil import directory
from counterfoil.access.caller import Origin
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.office import Office
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.password import digest_password
from counterfoil.signin.steps import invited
from counterfoil.signin.steps.attempt import Proved, attempt, still_holds
from counterfoil.signin.steps.session import OFFICE, keep_password, on_behalf


def accept(office: Office, code: str, password: str, origin: Origin) -> None:
    """Give the person whom a code invites their first password.

    Raises:
        Denied: PASSWORDS_REFUSED.
        Refused: INVALID_INVITATION, whatever is wrong with the code.
        Invalid: for a password that is none; the code is good for another try.
    """
    policy.require_passwords(office.providers.passwords)
    shown = invited.digest_of(code, office.prefix)
    with office.database.reading() as tx:
        who = invited.find(tx, shown, office.clock())
    digested = digest_password(password, office.entropy)
    with office.work(on_behalf(who), origin) as work:
        choose(work, shown, digested)


def change(  # noqa: PLR0917 - what somebody types, and where
    office: Office, email: str, old: str, new: str, origin: Origin, code: str = ""
) -> None:
    """Give a person who proves their password another one; with an app, by a code of it too.

    Raises:
        Refused: WRONG_PASSWORD, whatever is wrong.
        Invalid: for a new password that is none.
        Limited: RATE_LIMIT_EXCEEDED.
    """
    proved = attempt(office, email, old, origin, code=code)
    digested = digest_password(new, office.entropy)
    with office.work(on_behalf(proved.account), origin) as work:
        replace_password(work, proved, digested)


@operation("password.choose", requires=None, methods=OFFICE)
def choose(work: Work, shown: bytes, digested: str) -> None:
    """Keep the password that somebody chose by the code of an invitation, which is used up."""
    who = work.caller.user or UserId(0)
    work.permit(target=spell(Prefix.USER, who))
    directory.hold_user(work.tx, who)
    keep_password(work, invited.take(work, shown).user, digested)


@operation("password.change", requires=None, methods=OFFICE)
def replace_password(work: Work, proved: Proved, digested: str) -> None:
    """Keep the new password of a person whose old one was proved."""
    work.permit(target=spell(Prefix.USER, proved.account.user))
    still_holds(work, proved)
    keep_password(work, proved.account.user, digested)


@operation("password.set", requires=None, methods=OFFICE)
def set_password(work: Work, user: UserId, digested: str) -> None:
    """Keep a password that the operator was told at the machine, as for the first admin.

    `digested` comes from `digest_password`, for that takes long and no transaction waits for it.
    """
    work.permit(target=spell(Prefix.USER, user))
    keep_password(work, user, digested)
