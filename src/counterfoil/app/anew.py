"""Whoever acts is verified again where it counts: inside the transaction that acts for them."""

from __future__ import annotations

from counterfoil.access.caller import Caller, Method
from counterfoil.app.effective import BEHIND
from counterfoil.feed.source import Source
from counterfoil.gate.replica import Replica
from counterfoil.gate.verdicts import quarantined
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, Unserved
from counterfoil.office import Verify


class UnknownCallerError(Exception):
    """A caller holds scopes, and there is nothing by which it could be verified again."""


def anew(verifier: Verifier, replica: Replica, books: Source) -> Verify:
    """Return what asks the gate of this host again who a caller is.

    Without a credential there are the office itself, and people at our own doors whose cookie is
    looked up by the verb: neither holds a scope that somebody could have taken away meanwhile. In
    quarantine nobody acts, not even the office.
    """

    def verify(caller: Caller, position: int, address: str | None) -> tuple[Caller, int]:
        if caller.credential is None:
            if caller.grant.terms and caller.method is not Method.SYSTEM:
                raise UnknownCallerError
            if replica.is_quarantined():
                raise quarantined()
            return caller, position
        try:
            known_at = replica.catch_up(books, position)
            return verifier.again(caller, address), known_at
        except BEHIND as error:
            raise Unserved(
                Code.NOT_READY, "The gate cannot say who you are now. Nothing was changed."
            ) from error

    return verify
