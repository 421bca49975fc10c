"""The registrar: finds a token in the books, and makes a caller of it if it is in force.

In force means all of it: the secret lives, nothing cut it off, it has not expired, it is approved
and enabled, somebody stands behind it, and they are an active member (I2). What is final is said
before what may change.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant
from counterfoil.gate.grants import grant, lent
from counterfoil.gate.replica.books import Books
from counterfoil.gate.replica.fence import Fence, Met, read_fence
from counterfoil.gate.replica.records import (
    ACTIVE,
    ACTIVE_AT,
    CUT_OFF,
    ID,
    ID_BYTES,
    NEVER_CUT,
    PAIR,
    ROLES_AT,
    unbounded,
)
from counterfoil.gate.replica.tokens import (
    AUTHORITY_AT,
    BOUNDS_AT,
    BY_ROLE,
    BY_TOKEN,
    BY_USER,
    EXTRAS_AT,
    HOME,
    MANY,
    NO_ONE,
    SEAT,
    TOKEN_ID,
    read_extras,
    read_name,
    read_token,
)
from counterfoil.gate.replica.txn import Txn
from counterfoil.gate.seats import only_seat, seats
from counterfoil.gate.verdicts import not_a_member, not_active, refused
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import TokenId, UserId

NEVER: Final = float("inf")

Standing: TypeAlias = tuple[Caller, float, Met | None]
"""A caller, the Unix second from which the credential is no longer good, and what each request must
meet besides; None where there is no such condition, as with most."""

Behind: TypeAlias = tuple[Method, UserId | None, Grant, float]
"""As what a credential is judged, in whose name, what it may do, and until when what is behind it
lasts."""

_PERSONAL: Final = ord("p")
_SERVICE: Final = ord("s")
_SESSION: Final = ord("o")
_METHODS: Final = {
    _PERSONAL: Method.PERSONAL,
    _SERVICE: Method.SERVICE,
    ord("x"): Method.EXCHANGED,
    _SESSION: Method.SESSION,
}
_MICRO: Final = 1_000_000

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
        if (value := txn.get(digest, None, self._books.tokens)) is None:
            return None
        head = read_token(value)
        expires, position, letter, authority, state, extra, named, token, subject, home = head
        end, parent, proved, dies = len(value) - named, 0, 0, 0
        seat, bounds = value[SEAT], value[BOUNDS_AT:end]
        vouched: tuple[int, ...] | None = ()
        if extra:
            bounds, parent, proved, dies, vouched = read_extras(value, extra, end)
        method = _METHODS.get(letter)
        late = position <= latest_cut
        cut = late and self._is_cut(txn, position, home, token, parent)
        if method is None or cut or (dies and now >= dies / _MICRO):
            return None
        if now >= (until := expires / _MICRO if expires else NEVER):
            raise refused(Code.TOKEN_EXPIRED)
        if extra & MANY:
            home, seat, state, bounds = self._chosen_grant(txn, value, organization, late=late)
        elif organization is not None and organization != home:
            raise not_a_member()
        if state != ACTIVE:
            raise not_active(state)
        until = min(until, self._parent_expires(txn, parent, now)) if parent else until
        until = min(until, dies / _MICRO) if dies else until
        if authority == BY_TOKEN:
            behind = _lent(bounds, self._lender(txn, subject, home, now, latest_cut))
        else:
            held = self._authority(txn, value, seat, bounds, late=late)
            user = subject if authority == BY_USER else None
            behind = None if held is None else (method, user, held, NEVER)
        if behind is None:
            return None
        method, user, held, lasts = behind
        name, maker = read_name(value, extra, end) if self._names else _UNNAMED
        since = instant(proved) if proved else None
        who = home, user, method, held, token, name, maker, expires or None, since, digest
        caller = Caller(*who, TokenId(parent) if parent else None, vouched)
        return caller, min(until, lasts), held.conditions or None

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
            if value[EXTRAS_AT] & MANY and seats(txn, self._books, seat[:8]):
                raise not_a_member()  # they still are one elsewhere
            raise refused(Code.OWNER_DEACTIVATED)
        if (late or member[CUT_OFF] != NEVER_CUT) and self._is_gone(txn, value, seat, member):
            return None
        roles = member[ROLES_AT:]
        if len(roles) == ID_BYTES:  # as most members have
            return grant(bounds, txn.get(roles, None, books.roles))
        keys = [roles[at : at + ID_BYTES] for at in range(0, len(roles), ID_BYTES)]
        return grant(bounds, *[txn.get(key, None, books.roles) for key in keys])

    def _lender(
        self, txn: Txn, token: int, organization: int, now: float, latest_cut: int
    ) -> Standing | None:
        """Return who presents the personal token that another takes its authority from.

        It is found as if it had been presented itself: so nothing that ends or narrows it can be
        forgotten here. None if it is gone, or is one that cannot lend: what is lent is not lent on.
        """
        key = self._books.by_id.digest_of(txn, ID.pack(token))
        value = None if key is None else txn.get(key, None, self._books.tokens)
        if key is None or value is None:
            return None
        _, _, letter, authority, *_ = read_token(value)
        if letter != _PERSONAL or authority == BY_TOKEN:
            return None
        return self.find(txn, key, organization, now, latest_cut)

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

        A session is a person's and no organization's: who ends the tokens of one signs nobody out.

        A service token is nobody's own, so its user's cut-offs leave it: it sleeps while they are
        away and works again when they return.
        """
        _, position, letter, *_ = read_token(value)
        if letter == _SERVICE:
            return False
        if self._is_cut(txn, position, *ID.unpack_from(seat)):
            return True
        (cut_off,) = ID.unpack(member[CUT_OFF])
        if not 0 < cut_off >= position:
            return False
        if seat != value[SEAT] and letter != _SESSION:
            raise not_a_member()  # it lives on in its other organizations
        return True

    # -- where it speaks --------------------------------------------------------------------

    def _chosen_grant(
        self, txn: Txn, value: bytes, organization: int | None, *, late: bool
    ) -> tuple[int, bytes, int, bytes]:
        """Return organization, seat, state and bounds of what speaks in several."""
        _, position, letter, *_ = read_token(value)
        subject = value[SEAT][:8]
        if letter == _SESSION:
            home = only_seat(txn, self._books, subject) if organization is None else organization
            return home, subject + ID.pack(home), ACTIVE, unbounded(home)
        if organization is None:
            (organization,) = ID.unpack(value[HOME])
        key = ID.pack(organization)
        found = txn.get(value[TOKEN_ID] + key, None, self._books.grants)
        if found is None or (late and self._is_cut(txn, position, organization)):
            raise not_a_member()  # it lives on in its other organizations
        return organization, subject + key, found[0], found[1:]

    # -- its parent -------------------------------------------------------------------------

    def _parent_expires(self, txn: Txn, parent: int, now: float) -> float:
        """Return when the parent credential expires; raise if it is not in force."""
        until = NEVER
        for value in self._books.by_id.secrets_of(txn, ID.pack(parent)):
            expires, _, _, _, state, *_ = read_token(value)
            until = expires / _MICRO if expires else NEVER
            if now >= until:
                raise refused(Code.TOKEN_EXPIRED)
            if state != ACTIVE:
                raise not_active(state)
        return until


def _lent(bounds: bytes, lender: Standing | None) -> Behind | None:
    """Return what is behind a token that takes its authority from another: as that, with less."""
    if lender is None:
        return None
    caller, until, _ = lender
    return caller.method, caller.user, lent(bounds, caller.grant), until
