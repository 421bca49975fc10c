"""What a gateway keeps of what it was asked: figures, the trail, and what it shall write down."""

from __future__ import annotations

from typing import NamedTuple

from counterfoil.gateway.meters import Meters
from counterfoil.gateway.recorder import Recorder
from counterfoil.gateway.trail import Trail


class Kept(NamedTuple):
    """Where it goes.

    Attributes:
        counts: what it counts in.
        trail: takes in what it decides.
        recorder: writes down what is asked about; None if it is not wanted.
    """

    counts: Meters
    trail: Trail
    recorder: Recorder | None = None
