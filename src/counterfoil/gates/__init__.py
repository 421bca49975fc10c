"""Gates on other hosts: which there are, what each is told, and whether it may decide.

    enroll → doors → tell → receipts
             announce  hand  receive

A gate is given a credential, follows the feed by it, and holds a lease for as long as it keeps up.
What takes power away waits for the leases: that is the receipt. What it decides it tells, and that
comes into the trail. This is the face of the slice.
"""

from __future__ import annotations

from counterfoil.gates.announce import Announcer
from counterfoil.gates.doors import doors, routes
from counterfoil.gates.doors.wicket import Wicket
from counterfoil.gates.enroll import enroll
from counterfoil.gates.hand import Hander
from counterfoil.gates.keep import Keeper
from counterfoil.gates.model import BOOKS, Called, Gate
from counterfoil.gates.probe import Probe
from counterfoil.gates.receipts import Receipts
from counterfoil.gates.receive import Receiver
from counterfoil.gates.remove import remove
from counterfoil.gates.store.host import HostLeases
from counterfoil.gates.store.rows import (
    awaited,
    gates_in,
    graces,
    has_any,
    keep_heard,
    shut_out_all,
)
from counterfoil.gates.store.shared import SharedLeases
from counterfoil.gates.tell import Teller, Waking

__all__ = [
    "BOOKS",
    "Announcer",
    "Called",
    "Gate",
    "Hander",
    "HostLeases",
    "Keeper",
    "Probe",
    "Receipts",
    "Receiver",
    "SharedLeases",
    "Teller",
    "Waking",
    "Wicket",
    "awaited",
    "doors",
    "enroll",
    "gates_in",
    "graces",
    "has_any",
    "keep_heard",
    "remove",
    "routes",
    "shut_out_all",
]
