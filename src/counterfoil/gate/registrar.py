"""The registrar: finds a token in the books, and makes a caller of it if it is in force.

In force means all of it: the secret lives, nothing cut it off, it has not expired, it is approved
and enabled, somebody stands behind it, and they are an active member (I2). What is final is said
before what may change.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.gate.books import Books
from counterfoil.gate.fence import Fence, Met, read_fence
from counterfoil.gate.grants import grant
from counterfoil.gate.records import (
    ACTIVE,
    ACTIVE_AT,
    AUTHORITY_AT,
    BOUNDS_AT,
    BY_ROLE,
    BY_USER,
    CUT_OFF,
    EXTRAS_AT,
    HOME,
    ID,
    ID_BYTES,
    LIMITS,
    MANY,
    NEVER_CUT,
    NO_ONE,
    PAIR,
    PENDING,
    ROLES_AT,
    SEAT,
    TOKEN_ID,
    read_extras,
    read_name,
    read_token,
    unbounded,
)
from counterfoil.gate.txn import Txn
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused, Unserved
from counterfoil.kernel.ids import TokenId, UserId

ORGANIZATION_HEADER: Final = "Counterfoil-Organization"
NEVER: Final = float("inf")

Standing: TypeAlias = tuple[Caller, float, Met | None]
"""A caller, the Unix second from which the credential is no longer good, and what each request must
meet besides; None where there is no such condition, as with most."""

_SERVICE: Final = ord("s")
_SESSION: Final = ord("o")
_METHODS: Final = {
    ord("p"): Method.PERSONAL,
    _SERVICE: Method.SERVICE,
    ord("x"): Method.EXCHANGED,
    _SESSION: Method.SESSION,
}
_MICRO: Final = 1_000_000

_SAID: Final = {
    Code.TOKEN_PENDING_APPROVAL: "The access token waits for approval.",
    Code.TOKEN_DISABLED: "The access token is disabled.",
    Code.TOKEN_EXPIRED: "The access token has expired.",
    Code.TOKEN_HAS_NO_USER: "No user stands behind the access token.",
    Code.OWNER_DEACTIVATED: "The user behind the access token is not active.",
}

_UNNAMED: Final = (None, None)


class Registrar:
    """Reads one token at a time out of the state that a transaction sees."""

    def __init__(self, books: Books, *, names: bool) -> None:
        self._books = books
        self._names = names

    def find(
        self, txn: Txn, digest: bytes, organization: int | None, now: float, latest_cut: int
    ) -> Standing | None:
        """Return who it is, and until when; None if the books know of no such living secret.

        They act in `organization`, if they name one; nobody cut off what is after `latest_cut`.

        Raises:
            Refused: it is known, but not in force; for its holder alone to read.
            Denied: NOT_A_MEMBER: it is in force, but not in that organization.
            Malformed: it is a session of somebody who belongs to several, and none is named.
        """
        value = txn.get(digest, None, self._books.tokens)
        if value is None:
            return None
        expires, position, letter, authority, state, extra, token, subject, home = read_token(value)
        method = _METHODS.get(letter)
        seat, bounds, parent, proved, dies = value[SEAT], value[BOUNDS_AT:], 0, 0, 0
        if extra:
            bounds, parent, proved, dies = read_extras(value, extra)
        if method is None or (dies and now >= dies / _MICRO):
            return None
        late = position <= latest_cut
        if late and self._is_cut(txn, position, home, token, parent):
            return None
        if now >= (until := expires / _MICRO if expires else NEVER):
            raise refused(Code.TOKEN_EXPIRED)
        if extra & MANY:
            home, seat, state, bounds = self._chosen_grant(txn, value, letter, organization)
        elif organization is not None and organization != home:
            raise not_a_member()
        if state != ACTIVE:
            raise _not_active(state)
        until = min(until, self._parent_expires(txn, parent, now)) if parent else until
        held = self._authority(txn, value, seat, bounds, late=late)
        if held is None:
            return None
        caller = Caller(
            home,
            subject if authority == BY_USER else None,
            method,
            held,
            token,
            *(self._name(txn, value[TOKEN_ID]) if self._names else _UNNAMED),
            expires or None,
            instant(proved) if proved else None,
            digest,
            TokenId(parent) if parent else None,
        )
        return caller, min(until, dies / _MICRO) if dies else until, held.conditions or None

    # -- the fence of its organization ------------------------------------------------------

    def fenced(self, txn: Txn, found: Standing, fences: dict[int, Fence | None]) -> Standing:
        """Return it with what its organization asks of it besides; `fences` remembers that."""
        caller, until, met = found
        here = caller.organization
        if here not in fences:
            fences[here] = read_fence(txn.get(ID.pack(here), None, self._books.fences))
        fence = fences[here]
        if fence is None:
            return found
        seat = PAIR.pack(caller.user or 0, here)
        member = txn.get(seat, None, self._books.members)
        met = fence.around(caller, b"" if member is None else bytes(member[ROLES_AT:]))
        return caller, until, met

    # -- the authority behind it ------------------------------------------------------------

    def _authority(
        self, txn: Txn, value: bytes, seat: bytes, bounds: bytes, *, late: bool
    ) -> Grant | None:
        """Return what the role or user behind it allows now; None if a cut-off lies between."""
        books = self._books
        authority = value[AUTHORITY_AT]
        if authority == BY_ROLE:
            return grant(bounds, txn.get(seat[:8], None, books.roles))
        if authority == NO_ONE:
            raise refused(Code.TOKEN_HAS_NO_USER)
        member = txn.get(seat, None, books.members)
        if member is None or not member[ACTIVE_AT]:
            if value[EXTRAS_AT] & MANY and self._seats(txn, seat[:8]):
                raise not_a_member()  # they still are one elsewhere
            raise refused(Code.OWNER_DEACTIVATED)
        if (late or member[CUT_OFF] != NEVER_CUT) and self._is_gone(txn, value, seat, member):
            return None
        roles = member[ROLES_AT:]
        if len(roles) == ID_BYTES:  # as most members have
            return grant(bounds, txn.get(roles, None, books.roles))
        keys = [roles[at : at + ID_BYTES] for at in range(0, len(roles), ID_BYTES)]
        return grant(bounds, *[txn.get(key, None, books.roles) for key in keys])

    # -- cut-offs ---------------------------------------------------------------------------

    def _is_cut(self, txn: Txn, position: int, *subjects: int) -> bool:
        """Say whether everybody, or one of these, was cut off at or after that position."""
        for subject in (0, *subjects):
            at = txn.get(ID.pack(subject), None, self._books.cutoffs)
            if at is not None and 0 < ID.unpack_from(at)[0] >= position:
                return True
        return False

    def _is_gone(self, txn: Txn, value: bytes, seat: bytes, member: bytes) -> bool:
        """Say whether the person behind a token was cut off since it was made.

        A service token is nobody's own, so its user's cut-offs leave it: it sleeps while they are
        away and works again when they return.
        """
        _, position, letter, *_ = read_token(value)
        if letter == _SERVICE:
            return False
        if self._is_cut(txn, position, *PAIR.unpack(seat)):
            return True
        (cut_off,) = ID.unpack(member[CUT_OFF])
        if not 0 < cut_off >= position:
            return False
        if seat != value[SEAT] and letter != _SESSION:
            raise not_a_member()  # it lives on in its other organizations
        return True

    # -- where it speaks --------------------------------------------------------------------

    def _chosen_grant(
        self, txn: Txn, value: bytes, letter: int, organization: int | None
    ) -> tuple[int, bytes, int, bytes]:
        """Return organization, seat, state and bounds of what speaks in several."""
        subject = value[SEAT][:8]
        if letter == _SESSION:
            home = self._only_seat(txn, subject) if organization is None else organization
            return home, subject + ID.pack(home), ACTIVE, unbounded(home)
        if organization is None:
            (organization,) = ID.unpack(value[HOME])
        key = ID.pack(organization)
        found = txn.get(value[TOKEN_ID] + key, None, self._books.grants)
        if found is None:
            raise not_a_member()
        return organization, subject + key, found[0], found[1:]

    def _only_seat(self, txn: Txn, user: bytes) -> int:
        """Return the one organization in which a user is active."""
        seats = self._seats(txn, user)
        if not seats:
            raise refused(Code.OWNER_DEACTIVATED)
        if len(seats) > 1:
            raise self._unnamed(txn, seats)
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

    def _unnamed(self, txn: Txn, seats: list[int]) -> Malformed:
        """Ask whoever signed in for one of their organizations, and say which they are."""
        told = []
        for one in seats:
            kept = txn.get(ID.pack(one), None, self._books.organizations)
            name = "" if kept is None else bytes(kept[LIMITS.size :]).decode()
            told.append({"id": str(one), "name": name})
        return Malformed(
            Code.INVALID_REQUEST,
            f"This credential speaks in several organizations: name one in {ORGANIZATION_HEADER}.",
            meta={"header": ORGANIZATION_HEADER, "organizations": told},
        )

    # -- its parent, and its name -----------------------------------------------------------

    def _parent_expires(self, txn: Txn, parent: int, now: float) -> float:
        """Return when the parent credential expires; raise if it is not in force."""
        until = NEVER
        for value in self._books.secrets_of(txn, ID.pack(parent)):
            expires, _, _, _, state, *_ = read_token(value)
            until = expires / _MICRO if expires else NEVER
            if now >= until:
                raise refused(Code.TOKEN_EXPIRED)
            if state != ACTIVE:
                raise _not_active(state)
        return until

    def _name(self, txn: Txn, token: bytes) -> tuple[str | None, UserId | None]:
        """Return what a token is called, and who made it, if that is known."""
        written = txn.get(token, None, self._books.names)
        if written is None:
            return _UNNAMED
        name, issuer = read_name(written)
        return name, None if issuer is None else UserId(issuer)


def refused(code: Code) -> Refused:
    """Say to the holder of a known secret why it opens nothing now."""
    return Refused(code, _SAID[code])


def _not_active(state: int) -> Refused:
    return refused(Code.TOKEN_PENDING_APPROVAL if state == PENDING else Code.TOKEN_DISABLED)


def quarantined() -> Unserved:
    """Say that nothing verifies here, whatever it is."""
    return Unserved(
        Code.QUARANTINED,
        "This server was restored from a backup. Nothing opens here until its operator has said "
        "what is revoked.",
    )


def not_a_member() -> Denied:
    """Say that a credential is good, but not in the organization that was named."""
    return Denied(Code.NOT_A_MEMBER, "This credential does not speak in that organization.")
