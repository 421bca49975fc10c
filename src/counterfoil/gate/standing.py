"""The registrar: finds a token in the books, and makes a caller of it if it is in force.

In force means all of it: the secret lives, nothing cut it off, it has not expired, it is approved
and enabled, somebody stands behind it, and they are an active member (I2). What is final is said
before what may change.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final, TypeAlias

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.gate.authority import grant
from counterfoil.gate.books import EVERYBODY, Books, Txn
from counterfoil.gate.draft import Draft
from counterfoil.gate.records import (
    ACTIVE,
    ACTIVE_AT,
    BOUNDS_AT,
    BY_ROLE,
    BY_USER,
    CUT_OFF,
    FIXED,
    ID,
    LETTER_AT,
    MANY,
    NEVER_CUT,
    NO_ONE,
    PAIR,
    PENDING,
    POSITION,
    ROLES_AT,
    SEAT,
    TOKEN,
    read_extras,
    read_heads,
    read_name,
    unbounded,
)
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused

ORGANIZATION_HEADER: Final = "Counterfoil-Organization"
NEVER: Final = float("inf")

Standing: TypeAlias = tuple[Caller, float]
"""A caller, and the Unix second from which the credential is no longer good."""

_SERVICE: Final = ord("s")
_SESSION: Final = ord("o")
_METHODS: Final = {
    ord("p"): Method.PERSONAL,
    _SERVICE: Method.SERVICE,
    ord("x"): Method.EXCHANGED,
    _SESSION: Method.SESSION,
}
_MICRO: Final = 1_000_000
_EXACT: Final = 1 << 52  # microseconds beyond which a float of seconds would round

_SAID: Final = {
    Code.TOKEN_PENDING_APPROVAL: "The access token waits for approval.",
    Code.TOKEN_DISABLED: "The access token is disabled.",
    Code.TOKEN_EXPIRED: "The access token has expired.",
    Code.TOKEN_HAS_NO_USER: "No user stands behind the access token.",
    Code.OWNER_DEACTIVATED: "The user behind the access token is not active.",
}


class Registrar:
    """Reads one token at a time out of the state that a transaction sees."""

    def __init__(self, books: Books, *, names: bool) -> None:
        self._books = books
        self._names = names

    def find(
        self, txn: Txn, digest: bytes, organization: int | None, now: float
    ) -> Standing | None:
        """Return who it is, and until when; None if the books know of no such living secret.

        Raises:
            Refused: it is known, but not in force; for its holder alone to read.
            Denied: NOT_A_MEMBER: it is in force, but not in that organization.
            Malformed: it is in force in several, and none is named.
        """
        books, get = self._books, txn.get
        value = get(digest, None, books.tokens)
        if value is None:
            return None
        expires, letter, authority, state, extra, token, subject, home = FIXED.unpack_from(value)
        bounds, parent, proved, dies = (
            read_extras(value, extra) if extra else (value[BOUNDS_AT:], 0, 0, 0)
        )
        late = value[POSITION] <= get(EVERYBODY, b"", books.cutoffs)[8:]
        until = expires / _MICRO if expires else NEVER
        if letter not in _METHODS or (dies and now >= dies / _MICRO):
            return None
        if late and self._is_cut(txn, value[POSITION], home, token, parent):
            return None
        if now >= until:
            raise refused(Code.TOKEN_EXPIRED)
        seat = value[SEAT]
        if extra & MANY:
            seat, state, bounds = self._spread(txn, value, letter, organization)
            (home,) = ID.unpack(seat[8:])
        elif organization is not None and organization != home:
            raise not_a_member()
        if state != ACTIVE or parent:
            until = min(until, self._demand(txn, state, parent, now))
        if not subject or authority == NO_ONE:
            raise refused(Code.TOKEN_HAS_NO_USER)
        held = self._authority(txn, (value, seat, bounds), authority, extra, late=late)
        if held is None:
            return None
        draft = Draft(
            home,
            subject if authority == BY_USER else None,
            _METHODS[letter],
            held,
            token,
            self._name(txn, value[TOKEN]) if self._names else None,
            _moment(expires) if expires else None,
            _moment(proved) if proved else None,
        )
        return draft.complete(), (min(until, dies / _MICRO) if dies else until)

    def _authority(
        self,
        txn: Txn,
        record: tuple[bytes, bytes, bytes],
        authority: int,
        extra: int,
        *,
        late: bool,
    ) -> Grant | None:
        """Return what the role or user behind it allows now; None if a cut-off lies between."""
        value, seat, bounds = record
        if authority == BY_ROLE:
            return grant(bounds, txn.get(seat[:8], None, self._books.roles))
        member = txn.get(seat, None, self._books.members)
        if member is None or not member[ACTIVE_AT]:
            raise self._absent(txn, seat, extra)
        if (
            value[LETTER_AT] != _SERVICE
            and (late or member[CUT_OFF] != NEVER_CUT)
            and self._is_gone(txn, value, seat, member)
        ):
            return None
        return self._held(txn, bounds, member[ROLES_AT:])

    def _held(self, txn: Txn, bounds: bytes, roles: bytes) -> Grant:
        """Return what these roles allow now, within the bounds."""
        get, books = txn.get, self._books.roles
        if len(roles) == ID.size:
            return grant(bounds, get(roles, None, books))
        keys = [roles[at : at + ID.size] for at in range(0, len(roles), ID.size)]
        return grant(bounds, *[get(key, None, books) for key in keys])

    # -- cut-offs ---------------------------------------------------------------------------

    def _is_cut(self, txn: Txn, position: bytes, *subjects: int) -> bool:
        """Say whether everybody, or one of these, was cut off at or after that position."""
        for subject in (0, *subjects):
            at = txn.get(ID.pack(subject), NEVER_CUT, self._books.cutoffs)[:8]
            if NEVER_CUT != at >= position:
                return True
        return False

    def _is_gone(self, txn: Txn, value: bytes, seat: bytes, member: bytes) -> bool:
        """Say whether the person behind a token was cut off since it was made.

        A service token is nobody's own, so its user's cut-offs leave it: it sleeps while they are
        away and works again when they return.
        """
        position = value[POSITION]
        user, home = PAIR.unpack(seat)
        if self._is_cut(txn, position, user, home):
            return True
        if not NEVER_CUT != member[CUT_OFF] >= position:
            return False
        if seat != value[SEAT] and value[LETTER_AT] != _SESSION:
            raise not_a_member()  # it lives on in its other organizations
        return True

    # -- where it speaks --------------------------------------------------------------------

    def _spread(
        self, txn: Txn, value: bytes, letter: int, organization: int | None
    ) -> tuple[bytes, int, bytes]:
        """Return seat, state and bounds of what speaks in several organizations."""
        subject = value[SEAT][:8]
        if letter == _SESSION:
            home = self._only_seat(txn, subject) if organization is None else organization
            return subject + ID.pack(home), ACTIVE, unbounded(home)
        if organization is None:
            raise _unnamed()
        home_key = ID.pack(organization)
        found = txn.get(value[TOKEN] + home_key, None, self._books.grants)
        if found is None:
            raise not_a_member()
        return subject + home_key, found[0], found[1:]

    def _only_seat(self, txn: Txn, user: bytes) -> int:
        """Return the one organization in which a user is active."""
        seats = self._seats(txn, user)
        if not seats:
            raise refused(Code.OWNER_DEACTIVATED)
        if len(seats) > 1:
            raise _unnamed()
        return seats[0]

    def _seats(self, txn: Txn, user: bytes) -> list[int]:
        """Return the organizations in which a user is active."""
        seats = []
        with txn.cursor(self._books.members) as cursor:
            found = cursor.set_range(user)
            while found and cursor.key().startswith(user):
                if cursor.value()[ACTIVE_AT]:
                    seats.append(PAIR.unpack(cursor.key())[1])
                found = cursor.next()
        return seats

    def _absent(self, txn: Txn, seat: bytes, extra: int) -> Refused | Denied:
        """Say what it means that the person behind a token is no active member there."""
        if extra & MANY and self._seats(txn, seat[:8]):
            return not_a_member()
        return refused(Code.OWNER_DEACTIVATED)

    # -- what it must be --------------------------------------------------------------------

    def _demand(self, txn: Txn, state: int, parent: int, now: float) -> float:
        """Return until when the credential that it hangs on is in force, as it must be now."""
        if state != ACTIVE:
            pending = state == PENDING
            raise refused(Code.TOKEN_PENDING_APPROVAL if pending else Code.TOKEN_DISABLED)
        key = ID.pack(parent)
        card = txn.get(key, None, self._books.names) if parent else None
        until = NEVER
        with txn.cursor(self._books.tokens) as cursor:
            for head in read_heads(card) if card else ():
                if cursor.set_range(head) and cursor.value()[TOKEN] == key:
                    expires, _, _, its, *_ = FIXED.unpack_from(cursor.value())
                    if expires and now >= expires / _MICRO:
                        raise refused(Code.TOKEN_EXPIRED)
                    self._demand(txn, its, 0, now)
                    until = expires / _MICRO if expires else NEVER
        return until

    def _name(self, txn: Txn, token: bytes) -> str | None:
        card = txn.get(token, None, self._books.names)
        return None if card is None else read_name(card)


def refused(code: Code) -> Refused:
    """Say to the holder of a known secret why it opens nothing now."""
    return Refused(code, _SAID[code])


def not_a_member() -> Denied:
    """Say that a credential is good, but not in the organization that was named."""
    return Denied(Code.NOT_A_MEMBER, "This credential does not speak in that organization.")


def _unnamed() -> Malformed:
    return Malformed(
        Code.INVALID_REQUEST,
        f"This credential speaks in several organizations: name one in {ORGANIZATION_HEADER}.",
        meta={"header": ORGANIZATION_HEADER},
    )


def _moment(micros: int) -> datetime:
    """Return an instant; by the short way, as long as a float of seconds names it exactly."""
    if micros < _EXACT:
        return datetime.fromtimestamp(micros / _MICRO, UTC)
    return instant(micros)
