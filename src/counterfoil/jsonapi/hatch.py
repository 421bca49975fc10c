"""The hatch: what stands ready is handed out here, to whoever may have it, past the whole house.

Nearly all requests of a delivery API ask what was asked before. One that does, in the plainest way
there is, needs to be verified, counted and put on record, and nothing else: no route is looked for,
no door asked. Whatever is not so goes the whole way, which says why.
"""

from __future__ import annotations

from typing import Any, Final

import lmdb

from counterfoil.gate.credential import present
from counterfoil.gate.middleware_wsgi import CALLER, ORGANIZATION
from counterfoil.gate.position import AT_LEAST_KEY
from counterfoil.gate.verifier import Verifier
from counterfoil.jsonapi.desk import Desk
from counterfoil.jsonapi.guard import Told
from counterfoil.jsonapi.shelf import Shelf
from counterfoil.kernel.errors import CounterfoilError

_HELD: Final = "HTTP_IF_NONE_MATCH"


class Hatch:
    """Answers a request from the shelf, or not at all.

    Args:
        verifier: says who shows a token, now.
        desk: takes the answer down, within its limits and for its records.
        shelf: where the desk has it.
    """

    def __init__(self, verifier: Verifier, desk: Desk, shelf: Shelf) -> None:
        self._verifier = verifier
        self._desk = desk
        self._shelf = shelf

    def __call__(self, environ: dict[str, Any]) -> Told | None:
        """Return the answer to a request; None if it has to go the whole way.

        What is plain about the address of an answer that was given is plain here too: it is the
        same. Where the address says in which organization somebody acts, the answer is found here
        only if it was given in that one.
        """
        if not self._shelf.may_have(environ.get("PATH_INFO", "")):
            return None
        if ORGANIZATION in environ or AT_LEAST_KEY in environ or _HELD in environ:
            return None  # which is more than an address and a token
        verifier = self._verifier
        try:
            presented = present(environ, verifier.prefix)
            if presented is None:
                return None
            caller = verifier.verify(presented, None, verifier.address_of(environ))
        except (CounterfoilError, lmdb.Error):
            return None
        environ[CALLER] = caller
        handed = self._desk.again(environ)
        if handed is None:
            del environ[CALLER]
            return None
        line, headers, body = handed
        return line, headers, [body]
