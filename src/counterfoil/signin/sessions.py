"""A person looks at their own sessions, and ends one of them, or all but this one (S44).

They are told apart by where and when they began, and by when they were last used. All of them are
ended by signing out, or by `user.sign_out`.
"""

from __future__ import annotations

from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, TokenId, UserId, spell
from counterfoil.operation import Work, operation
from counterfoil.signin import policy
from counterfoil.signin.model import Session
from counterfoil.signin.steps.session import end, end_all
from counterfoil.signin.store import rows


@operation("session.list", requires=None, owner=True, reads=True)
def list_sessions(work: Work) -> list[Session]:
    """Return the caller's living sessions, the one that was used last first."""
    user = work.caller.user or UserId(0)
    work.permit(owner=user)
    living = (one for one in rows.of_user(work.tx, user) if policy.alive(one, work.now))
    return sorted(living, key=lambda one: (one.seen_at, one.id), reverse=True)


@operation("session.end", requires=None, owner=True, vital=True)
def end_session(work: Work, id_: TokenId) -> None:
    """End one of the caller's sessions, be it this very one.

    Raises:
        NotFound: if the caller has no such session.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.TOKEN, id_))
    for session in rows.of_user(work.tx, user):
        if session.id == id_:
            end(work, session)
            return
    raise NotFound


@operation("session.end_others", requires=None, owner=True, vital=True)
def end_other_sessions(work: Work) -> None:
    """End every session of the caller but this very one: what others are signed in by is over.

    What their sign-ins have yet to be redeemed for, codes and devices, goes too.
    """
    user = work.caller.user or UserId(0)
    work.permit(owner=user, target=spell(Prefix.USER, user))
    end_all(work, user, but=work.caller.token)
