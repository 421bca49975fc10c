"""What goes wrong: each fault begins, lasts for a while, and is over, again and again."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chaos.cut import Mode
from chaos.house import House

HOUR_S = 3_600


@dataclass(frozen=True)
class Fault:
    """One of them. It is the first gate's, or the office's.

    Attributes:
        lasts_s, rests_s: how long it is there, and how long all is well then.
        pause_s: how long whoever asks the gates waits between two questions.
    """

    name: str
    begin: Callable[[House], None]
    over: Callable[[House], None]
    lasts_s: float = 3.0
    rests_s: float = 2.0
    pause_s: float = 0.0


def _on_the_wire(name: str, mode: Mode) -> Fault:
    def begin(house: House) -> None:
        house.wires[0].mode = mode

    def over(house: House) -> None:
        house.wires[0].mode = "through"

    return Fault(name, begin, over)


def _again(house: House) -> None:
    house.gates[0].begin()


def _office_again(house: House) -> None:
    house.office.begin()
    house.office.ready()


def _leader_killed(house: House) -> None:
    house.nats.leader().kill()


def _full(house: House) -> None:
    for disk in house.disks:
        disk.fill()


def _roomy(house: House) -> None:
    for disk in house.disks:
        disk.clear()


def _postgres_killed(house: House) -> None:
    if house.postgres is not None:
        house.postgres.kill()


def _postgres_again(house: House) -> None:
    if house.postgres is not None:
        house.postgres.begin()


def _postgres_told(what: signal.Signals) -> Callable[[House], None]:
    def tell(house: House) -> None:
        if house.postgres is not None:
            house.postgres.tell(what)

    return tell


def _gate_gone(house: House) -> None:
    house.gates[0].kill()
    shutil.rmtree(house.disks[1].folder / "data")


def _other_again(house: House) -> None:
    house.others[0].office.begin()
    house.others[0].office.ready()


def _other_is(mode: Mode) -> Callable[[House], None]:
    """Have the way of the other office to the database carry what it is told to."""

    def lay(house: House) -> None:
        house.others[0].database.mode = mode

    return lay


def _wrong_clock(name: str, office_s: int, gate_s: int) -> Fault:
    def begin(house: House) -> None:
        for clock, ahead in zip(house.clocks, (office_s, gate_s), strict=True):
            clock.write_text(str(ahead))

    def over(house: House) -> None:
        for clock in house.clocks:
            clock.write_text("0")

    return Fault(name, begin, over)


def _nothing(_house: House) -> None:
    """Let all be well."""


FAULTS = (
    Fault("nothing is wrong, and little is asked", _nothing, _nothing, pause_s=0.25),
    Fault("nothing is wrong", _nothing, _nothing),
    _on_the_wire("both ways are cut", "cut"),
    _on_the_wire("answers to the gate are lost", "deaf"),
    _on_the_wire("questions of the gate are lost", "mute"),
    _on_the_wire("answers are forged", "forged"),
    _on_the_wire("an old answer is replayed", "replayed"),
    Fault(
        "the gate is frozen",
        lambda house: house.gates[0].tell(signal.SIGSTOP),
        lambda house: house.gates[0].tell(signal.SIGCONT),
    ),
    Fault("the gate is killed", lambda house: house.gates[0].kill(), _again, 1.0, 4.0),
    Fault("the gate is killed, and its disk is empty", _gate_gone, _again, 1.0, 5.0),
    Fault("the leader of NATS is killed", _leader_killed, lambda house: house.nats.heal()),
    Fault("NATS is wiped", lambda house: house.nats.wipe(), _nothing),
    Fault(
        "somebody hostile publishes on NATS",
        lambda house: house.hostile.begin(house.nats.urls),
        lambda house: house.hostile.end(),
    ),
    Fault("the office is killed", lambda house: house.office.kill(), _office_again, 0.5, 6.0),
    Fault("the disks of office and gate are full", _full, _roomy),
    _wrong_clock("the office's clock is an hour ahead, the gate's behind", HOUR_S, -HOUR_S),
    _wrong_clock("the office's clock is an hour behind, the gate's ahead", -HOUR_S, HOUR_S),
)

_STANDS_STILL: Final = (_postgres_told(signal.SIGSTOP), _postgres_told(signal.SIGCONT))
"""It acknowledges what it is sent, and says nothing."""

ON_POSTGRES = (
    Fault("nothing is wrong, on Postgres", _nothing, _nothing),
    Fault("Postgres is killed and begins again", _postgres_killed, _postgres_again, 1.0, 6.0),
    Fault("Postgres stands still", *_STANDS_STILL, 6.0, 4.0),
)
"""What goes wrong where the office has a Postgres."""

OF_TWO_OFFICES = (
    Fault("nothing is wrong, two offices on one Postgres", _nothing, _nothing),
    Fault(
        "one of two offices is killed",
        lambda house: house.others[0].office.kill(), _other_again, 1.0, 6.0,
    ),
    Fault("one of two offices is cut off from Postgres", _other_is("held"), _other_is("through")),
    Fault("the Postgres of two offices is killed", _postgres_killed, _postgres_again, 1.0, 6.0),
    Fault("the Postgres of two offices stands still", *_STANDS_STILL, 6.0, 4.0),
)  # fmt: skip
"""What goes wrong where two offices on two hosts have one Postgres."""

NAMES: Final = tuple(one.name for one in (*FAULTS, *ON_POSTGRES, *OF_TWO_OFFICES))
"""All of it, in the order in which it is told."""
