"""A gate on another host is given its credential.

It is told of every organization, so none of them can let it in: the operator does, at the machine.
"""

from __future__ import annotations

import re
from typing import Final

from counterfoil.access.caller import Method
from counterfoil.gates.model import Gate
from counterfoil.gates.store import rows
from counterfoil.kernel.errors import Code, Conflict, Invalid
from counterfoil.kernel.ids import GateId, Prefix, spell
from counterfoil.operation import Work, operation
from counterfoil.secret import Kind, Secret

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}")


@operation("gate.enroll", requires=None, methods={Method.SYSTEM}, surface=None)
def enroll(work: Work, name: str) -> Secret:
    """Let a gate follow the feed; return its credential, of which the digest is kept.

    Raises:
        Invalid: for what is no name.
        Conflict: NAME_TAKEN, also by a gate that was removed within the last seconds.
    """
    work.permit()
    if _NAME.fullmatch(name) is None:
        raise Invalid(Code.INVALID_FIELD, "A gate is called by letters, digits, `.`, `_` and `-`.")
    rows.forget_removed(work.tx)
    if rows.named(work.tx, name) is not None:
        raise Conflict(Code.NAME_TAKEN, "There is a gate of this name.")
    id_, secret = GateId(work.new_id()), work.mint(Kind.GATE)
    work.aims_at(spell(Prefix.GATE, id_))
    work.note(name)
    rows.add(work.tx, Gate(id_, name, work.now), secret.digest)
    return secret
