"""Gates on other hosts: which there are, what each is told, and whether it may decide.

    enroll → doors → tell → receipts
             announce

A gate is given a credential, follows the feed by it, and holds a lease for as long as it keeps up.
What takes power away waits for the leases: that is the receipt. This is the face of the slice.
"""

from __future__ import annotations

from counterfoil.gates.announce import Announcer
from counterfoil.gates.doors import doors, routes
from counterfoil.gates.enroll import enroll
from counterfoil.gates.model import Called, Gate
from counterfoil.gates.receipts import Receipts
from counterfoil.gates.remove import remove
from counterfoil.gates.store.rows import gates_in, shut_out_all
from counterfoil.gates.tell import Teller

__all__ = [
    "Announcer",
    "Called",
    "Gate",
    "Receipts",
    "Teller",
    "doors",
    "enroll",
    "gates_in",
    "remove",
    "routes",
    "shut_out_all",
]
