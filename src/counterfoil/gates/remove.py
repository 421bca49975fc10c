"""A gate is shut out: its credential is dead, and with its lease ends what it may decide."""

from __future__ import annotations

from counterfoil.access.caller import Method
from counterfoil.gates.model import Gate
from counterfoil.gates.store import rows
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, spell
from counterfoil.operation import Work, operation


@operation("gate.remove", requires=None, methods={Method.SYSTEM}, surface=None, vital=True)
def remove(work: Work, name: str) -> Gate:
    """Shut a gate out; return what it was.

    Raises:
        NotFound: if there is none of this name.
    """
    work.permit()
    gate = next((one for one in rows.gates_in(work.tx) if one.name == name), None)
    if gate is None:
        raise NotFound
    work.aims_at(spell(Prefix.GATE, gate.id))
    work.note(name)
    rows.shut_out(work.tx, gate.id)
    return gate
