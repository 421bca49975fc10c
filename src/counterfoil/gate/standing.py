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
from counterfoil.access.scope import EVERY_SCOPE
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.gate.authority import member_roles, terms
from counterfoil.gate.books import EVERYBODY, Books, Txn
from counterfoil.gate.records import (
    ACTIVE,
    AUTHORITY,
    BOUNDS,
    BY_ROLE,
    BY_USER,
    EXPIRES,
    FLAGS,
    ID,
    LETTER,
    MANY,
    MEMBER,
    NO_ONE,
    PAIR,
    PENDING,
    POSITION,
    STATE,
    SUBJECT,
    TOKEN,
    Tail,
    read_heads,
    read_name,
    read_tail,
)
from counterfoil.gate.snapshot import NEVER, Standing
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused

ORGANIZATION_HEADER: Final = "Counterfoil-Organization"

_SERVICE: Final = ord("s")
_SESSION: Final = ord("o")
_METHODS: Final = {
    ord("p"): Method.PERSONAL,
    _SERVICE: Method.SERVICE,
    ord("x"): Method.EXCHANGED,
    _SESSION: Method.SESSION,
}
_PLAIN: Final = Tail()
Fixed: TypeAlias = tuple[int, ...]
"""The fixed part of a token's record, by the places that `records` names."""

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
        value = txn.get(digest, None, self._books.tokens)
        if value is None:
            return None
        fixed = TOKEN.unpack_from(value)
        token, home, subject, scopes, expires, position, letter, _, state, surfaces, flags = fixed
        method = _METHODS.get(letter)
        tail = read_tail(value, TOKEN.size, flags) if flags else _PLAIN
        late = self._is_late(txn, position)
        if (
            method is None
            or (tail.dies and now >= tail.dies / _MICRO)
            or (late and self._is_cut(txn, position, home, token, tail.parent))
        ):
            return None
        if expires and now >= expires / _MICRO:
            raise refused(Code.TOKEN_EXPIRED)
        bounds = tail
        if flags & MANY:
            home, scopes, state, surfaces, bounds = self._spread(txn, fixed, organization)
        elif organization is not None and organization != home:
            raise not_a_member()
        if state != ACTIVE or tail.parent:
            self._demand(txn, state, tail.parent, now)
        roles = self._roles(txn, fixed, home, late=late)
        if roles is None:
            return None
        grant = Grant(
            terms(txn, self._books, roles, home, scopes | bounds.custom),
            () if bounds.roots is None else (bounds.roots,),
            surfaces,
        )
        caller = Caller(
            home,
            subject if fixed[AUTHORITY] == BY_USER else None,
            method,
            grant,
            token,
            self._name(txn, token) if self._names else None,
            _moment(expires) if expires else None,
            _moment(tail.proved) if tail.proved else None,
        )
        return Standing(caller, _until(expires, tail.dies))

    # -- cut-offs ---------------------------------------------------------------------------

    def _is_late(self, txn: Txn, position: int) -> bool:
        """Say whether any cut-off at all came after that position: for most tokens, none did."""
        both = txn.get(EVERYBODY, None, self._books.cutoffs)
        return both is not None and position <= PAIR.unpack(both)[1]

    def _is_cut(self, txn: Txn, position: int, *subjects: int) -> bool:
        """Say whether everybody, or one of these, was cut off at or after that position."""
        cutoffs = self._books.cutoffs
        cut = [PAIR.unpack(txn.get(EVERYBODY, bytes(PAIR.size), cutoffs))[0]]
        for subject in subjects:
            cut += ID.unpack(txn.get(ID.pack(subject), bytes(ID.size), cutoffs)[: ID.size])
        return any(at and position <= at for at in cut)

    # -- where it speaks --------------------------------------------------------------------

    def _spread(
        self, txn: Txn, fixed: Fixed, organization: int | None
    ) -> tuple[int, int, int, int, Tail]:
        """Return organization, scopes, state, surfaces and the rest of what speaks in several."""
        if fixed[LETTER] == _SESSION:
            home = organization or self._only_seat(txn, fixed[SUBJECT])
            return home, EVERY_SCOPE, ACTIVE, ALL_SURFACES, _PLAIN
        if organization is None:
            raise _unnamed()
        value = txn.get(PAIR.pack(fixed[0], organization), None, self._books.grants)
        if value is None:
            raise not_a_member()
        scopes, state, surfaces, flags = BOUNDS.unpack_from(value)
        return organization, scopes, state, surfaces, read_tail(value, BOUNDS.size, flags)

    def _only_seat(self, txn: Txn, user: int) -> int:
        """Return the one organization in which a user is active."""
        seats = self._seats(txn, user)
        if not seats:
            raise refused(Code.OWNER_DEACTIVATED)
        if len(seats) > 1:
            raise _unnamed()
        return seats[0]

    def _seats(self, txn: Txn, user: int) -> list[int]:
        """Return the organizations in which a user is active."""
        key = ID.pack(user)
        seats = []
        with txn.cursor(self._books.members) as cursor:
            found = cursor.set_range(key)
            while found and cursor.key().startswith(key):
                if MEMBER.unpack_from(cursor.value())[1]:
                    seats.append(PAIR.unpack(cursor.key())[1])
                found = cursor.next()
        return seats

    # -- what it must be --------------------------------------------------------------------

    def _demand(self, txn: Txn, state: int, parent: int, now: float) -> None:
        """Return if it is approved and enabled, and so is the credential that it hangs on."""
        if state != ACTIVE:
            pending = state == PENDING
            raise refused(Code.TOKEN_PENDING_APPROVAL if pending else Code.TOKEN_DISABLED)
        card = txn.get(ID.pack(parent), None, self._books.names) if parent else None
        if card is None:
            return
        with txn.cursor(self._books.tokens) as cursor:
            for head in read_heads(card):
                if cursor.set_range(head) and cursor.value().startswith(ID.pack(parent)):
                    fixed = TOKEN.unpack_from(cursor.value())
                    if fixed[EXPIRES] and now >= fixed[EXPIRES] / _MICRO:
                        raise refused(Code.TOKEN_EXPIRED)
                    self._demand(txn, fixed[STATE], 0, now)

    # -- who stands behind it ---------------------------------------------------------------

    def _roles(
        self, txn: Txn, fixed: Fixed, home: int, *, late: bool
    ) -> tuple[int, ...] | None:
        """Return the roles behind a token now; None if whoever stands behind it was cut off.

        A service token is nobody's own, so its user's cut-offs leave it: it sleeps while they are
        away and works again when they return.
        """
        subject, authority, position = fixed[SUBJECT], fixed[AUTHORITY], fixed[POSITION]
        if not subject or authority == NO_ONE:
            raise refused(Code.TOKEN_HAS_NO_USER)
        if authority == BY_ROLE:
            return (subject,)
        member = txn.get(PAIR.pack(subject, home), None, self._books.members)
        cut_off, active = (0, False) if member is None else MEMBER.unpack_from(member)
        if member is None or not active:
            if fixed[FLAGS] & MANY and self._seats(txn, subject):
                raise not_a_member()
            raise refused(Code.OWNER_DEACTIVATED)
        if fixed[LETTER] != _SERVICE:
            if late and self._is_cut(txn, position, subject, home):
                return None
            if cut_off and position <= cut_off:
                if fixed[FLAGS] & MANY and fixed[LETTER] != _SESSION:
                    raise not_a_member()
                return None
        return member_roles(member)

    def _name(self, txn: Txn, token: int) -> str | None:
        card = txn.get(ID.pack(token), None, self._books.names)
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


def _until(expires: int, dies: int) -> float:
    due = [at / _MICRO for at in (expires, dies) if at]
    return min(due, default=NEVER)


def _moment(micros: int) -> datetime:
    """Return an instant; by the short way, as long as a float of seconds names it exactly."""
    if micros < _EXACT:
        return datetime.fromtimestamp(micros / _MICRO, UTC)
    return instant(micros)
