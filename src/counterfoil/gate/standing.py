"""The registrar: finds a token in the books, and makes a caller of it if it is in force.

In force means all of it: the secret lives, nothing cut it off, it has not expired, it is approved and
enabled, somebody stands behind it, and they are an active member (I2, CONTRACT on cut-offs). In that
order, what is final is said before what may change.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from counterfoil.access.caller import Caller, Method
from counterfoil.access.grant import Grant, Term
from counterfoil.access.scope import EVERY_SCOPE, Scopes
from counterfoil.access.surface import ALL_SURFACES
from counterfoil.gate.authority import member_roles, terms
from counterfoil.gate.books import EVERYBODY, Books, Txn
from counterfoil.gate.credential import UNKNOWN
from counterfoil.gate.records import (
    ACTIVE,
    BOUNDS,
    BY_ROLE,
    BY_USER,
    ID,
    MANY,
    MEMBER,
    PAIR,
    PENDING,
    TOKEN,
    Tail,
    read_name,
    read_tail,
)
from counterfoil.gate.snapshot import NEVER, Standing
from counterfoil.kernel.clock import instant
from counterfoil.kernel.errors import Code, Denied, Malformed, Refused

ORGANIZATION_HEADER: Final = "Counterfoil-Organization"

_METHODS: Final = {
    ord("p"): Method.PERSONAL,
    ord("s"): Method.SERVICE,
    ord("x"): Method.EXCHANGED,
    ord("o"): Method.SESSION,
}
_SERVICE: Final = ord("s")
_SESSION: Final = ord("o")
_PLAIN: Final = Tail()
_MICRO: Final = 1_000_000
_EXACT: Final = 1 << 52  # microseconds from which a float of seconds would round
