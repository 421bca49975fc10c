"""An authenticator app beside the password: set up, looked at, and removed by its person.

It is asked for wherever a password is proved. A passkey needs none, being two things at once, and a
provider asks for its own.
"""

from __future__ import annotations

from counterfoil import directory, notices
from counterfoil.feed.event import SecretTaken
from counterfoil.kernel.errors import Code, Conflict, Invalid, NotFound, Unserved
from counterfoil.kernel.ids import Prefix, UserId, spell
from counterfoil.notices import Kind
from counterfoil.operation import SESSION_ONLY, Work, operation
from counterfoil.runtime.seal import seal_of
from counterfoil.signin import totp
from counterfoil.signin.steps.session import end_all
from counterfoil.signin.store import identities, seconds
from counterfoil.signin.totp import Second


@operation("second_factor.show", requires=None, owner=True, reads=True)
def show_second(work: Work) -> Second | None:
    """Return the app that the caller has set up; None for none."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user)
    return seconds.of_user(work.tx, user)


@operation("second_factor.offer", requires=None, methods=SESSION_ONLY, owner=True, reads=True)
def offer_second(work: Work, salt: bytes) -> str:
    """Return the key that an app of the caller would be given, for this random part."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user)
    return _secret(work, user, salt)


@operation("second_factor.add", requires=None, methods=SESSION_ONLY, owner=True, fresh=True)
def add_second(work: Work, salt: bytes, code: str) -> list[str]:
    """Ask the caller for codes of this app from now on; return their codes for recovery.

    Every other session of theirs is over: they were begun without it (S44).

    Raises:
        Conflict: if they have no password that it could stand beside, or have an app already.
        Invalid: if the code is none of the app.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    if identities.kept_password(work.tx, user) is None:
        raise Conflict(Code.CONFLICT, "You have no password that it could stand beside.")
    shown = totp.shown(_secret(work, user, salt), user, code, work.now)
    if shown is None or shown.step is None:
        raise Invalid(
            Code.INVALID_FIELD,
            "This is no code of the app: type the six digits that it shows now.",
            field="/code",
        )
    codes = totp.draw_recovery(work.entropy)
    digests = [totp.digest(user, one) for one in codes]
    if not seconds.keep(work.tx, Second(user, salt, work.now), shown.step, digests):
        raise Conflict(Code.CONFLICT, "You have set up an app already: remove that one first.")
    work.emit(SecretTaken(user=user))  # a restore takes the password away: alone it opens nothing
    notices.tell(work, Kind.SECOND_FACTOR_ADDED, [user], spell(Prefix.USER, user), {})
    end_all(work, user, but=work.caller.token)
    return codes


@operation("recovery_code.renew", requires=None, methods=SESSION_ONLY, owner=True, fresh=True)
def renew_codes(work: Work) -> list[str]:
    """Return new codes for recovery in the place of all that the caller has; the app goes on.

    Every other session of theirs is over: it may have been begun by one of the old codes (S44).

    Raises:
        NotFound: if they have set up no app.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    codes = totp.draw_recovery(work.entropy)
    if not seconds.renew(work.tx, user, [totp.digest(user, one) for one in codes]):
        raise NotFound
    work.emit(SecretTaken(user=user))
    notices.tell(work, Kind.RECOVERY_CODES_RENEWED, [user], spell(Prefix.USER, user), {})
    end_all(work, user, but=work.caller.token)
    return codes


@operation("second_factor.remove", requires=None, methods=SESSION_ONLY, owner=True, fresh=True)
def remove_second(work: Work) -> None:
    """Ask the caller for no codes any more; every other session of theirs is over (S44).

    Raises:
        NotFound: if they have set up no app.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    directory.hold_user(work.tx, user)
    if not seconds.drop(work.tx, user):
        raise NotFound
    work.emit(SecretTaken(user=user))
    notices.tell(work, Kind.SECOND_FACTOR_REMOVED, [user], spell(Prefix.USER, user), {})
    end_all(work, user, but=work.caller.token)


def _secret(work: Work, user: UserId, salt: bytes) -> str:
    seal = seal_of(work.tx)
    if seal is None:
        raise Unserved(Code.NOT_READY, "This host has no key to make one of.")
    return totp.secret_of(seal, user, salt)
