"""What was found: figures as JSON, as a table, and as a plot of how long revocations took."""

from __future__ import annotations

import math
from collections.abc import Collection
from html import escape
from pathlib import Path
from typing import Final

import msgspec

from chaos.faults import NAMES
from chaos.history import History

ROOT: Final = Path(__file__).parents[2]
RESULTS: Final = ROOT / "bench/results/chaos.json"
KEPT: Final = ROOT / "bench/kept/chaos.json"
PAGE: Final = ROOT / "docs/explanation/reliability.md"
PLOT: Final = PAGE.with_name("reliability-latency.svg")
BEGIN, END = "<!-- figures: written by `make chaos` -->\n", "<!-- end of figures -->\n"
PARTS: Final = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "longest": 1.0}
VERIFIED, REVOKED = 1_000_000, 2_000
"""A whole run asks so often, and revokes so many tokens, or it has failed."""
BOUND_S: Final = 2.1
"""No revocation shall wait for longer, whatever has failed (R1)."""

_HEAD: Final = (
    "| fault | verifications | not decided | revocations | accepted after its receipt "
    "| p50 | p99 | longest |\n|---|--:|--:|--:|--:|--:|--:|--:|\n"
)
_LEFT, _WIDE, _ROW, _TOP = 380, 460, 24, 40
_SHORTEST_S, _DECADES = 0.001, 4


class Taken(msgspec.Struct, frozen=True):
    """What was found under one fault.

    Attributes:
        verified, unserved: how often a gate decided, and how often it did not.
        revocations: how many were answered.
        accepted: how often a gate let a token in after its revocation was answered.
        turned_away: how often one decided against a token that was never revoked.
        within_s: the seconds within which such a part of the revocations was answered.
        longest_s: the longest that each office took to answer one, where there are several; the
            last of them is the one to which the fault comes.
    """

    fault: str
    verified: int
    unserved: int
    revocations: int
    accepted: int
    within_s: dict[str, float]
    turned_away: int = 0
    longest_s: tuple[float, ...] = ()

    @classmethod
    def of(cls, fault: str, history: History) -> Taken:
        """Sum a history up."""
        within = {name: round(history.within_s(part), 4) for name, part in PARTS.items()}
        longest = [round(took, 4) for _, took in sorted(history.longest_s.items())]
        return cls(
            fault, history.verified, history.unserved, len(history.took_s), len(history.wrong()),
            within, history.turned_away, tuple(longest) if len(longest) > 1 else (),
        )  # fmt: skip


class Part(msgspec.Struct, frozen=True):
    """What was run at once.

    Attributes:
        on: the day.
        load: of the machine at its end.
        cut: by what the wires were cut.
        faults: the names of those whose figures are of it.
    """

    on: str
    load: float
    cut: str
    faults: list[str]

    def without(self, anew: Collection[str]) -> Part:
        """Return it with no figures of these."""
        left = [one for one in self.faults if one not in anew]
        return msgspec.structs.replace(self, faults=left)

    def __str__(self) -> str:
        return f"{len(self.faults)} on {self.on} (load {self.load:.0f}, wires cut by {self.cut})"


class Found(msgspec.Struct, frozen=True):
    """A whole run, or several of which each has some of the faults.

    Attributes:
        gates, cores: of the run, and of the machine.
        parts: when each was run.
        taken: under each fault.
    """

    gates: int
    cores: int
    parts: list[Part]
    taken: list[Taken]

    def with_more(self, run: Found) -> Found:
        """Return these figures with those of a later run of some faults, in place of their own."""
        anew = [one.fault for one in run.taken]
        left = (one.without(anew) for one in self.parts)
        taken = [*(one for one in self.taken if one.fault not in anew), *run.taken]
        return msgspec.structs.replace(
            self,
            parts=[*(one for one in left if one.faults), *run.parts],
            taken=sorted(taken, key=lambda one: NAMES.index(one.fault)),
        )

    @property
    def broken(self) -> int:
        """How many promises were broken; a fault under which one waited too long is one, too."""
        late = sum(one.within_s["longest"] > BOUND_S for one in self.taken)
        return late + sum(one.accepted + one.turned_away for one in self.taken)

    @property
    def is_enough(self) -> bool:
        """Say whether so much was tried that zeros say something."""
        verified = sum(one.verified for one in self.taken)
        return verified >= VERIFIED and sum(one.revocations for one in self.taken) >= REVOKED

    def sentence(self) -> str:
        """Say all of it in one line."""
        return (
            f"Faults: {', '.join(map(str, self.parts))}. "
            f"{self.gates} gates and {self.cores} cores for everything: "
            f"{sum(one.verified for one in self.taken):,} verifications, "
            f"{sum(one.revocations for one in self.taken):,} revocations, "
            f"{sum(one.accepted for one in self.taken)} accepted after a receipt, "
            f"{sum(one.turned_away for one in self.taken)} good ones turned away.\n"
        )


def line(one: Taken) -> str:
    """Return the row of a fault in the table."""
    figures = (
        f"{one.verified:,}", f"{one.unserved:,}", f"{one.revocations:,}", str(one.accepted),
        *(_ms(one.within_s[name]) for name in ("p50", "p99")), _longest(one),
    )  # fmt: skip
    return f"| {one.fault} | {' | '.join(figures)} |\n"


def _longest(one: Taken) -> str:
    each = " and ".join(map(_ms, one.longest_s))
    return f"{_ms(one.within_s['longest'])}{each and f' ({each})'}"


def write(found: Found, to: Path | None = None) -> Path:
    """Keep the figures, where `latest` finds them or elsewhere; return where."""
    to = to or RESULTS
    to.parent.mkdir(exist_ok=True)
    to.write_bytes(_spelled(found))
    return to


def _spelled(found: Found) -> bytes:
    return msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n"


def latest() -> Found:
    """Return the figures that were kept last."""
    return msgspec.json.decode(RESULTS.read_bytes(), type=Found)


def kept() -> Found:
    """Return the figures that stay."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Found)


def keep(found: Found) -> None:
    """Write figures and plot into the docs, and have the figures stay."""
    KEPT.write_bytes(_spelled(found))
    before, _, rest = PAGE.read_text().partition(BEGIN)
    told = _HEAD + "".join(map(line, found.taken))
    image = f"![How long revocations took under each fault]({PLOT.name})\n"
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}{found.sentence()}\n{told}\n{image}{END}{after}")
    PLOT.write_text(plot(found))


def plot(found: Found) -> str:
    """Draw from the half to the longest of the revocations under each fault, as SVG.

    The axis is logarithmic, from a millisecond to ten seconds; a line stands at the bound.
    """
    high = _TOP + _ROW * len(found.taken) + 24
    drawn = [_tick(10**power * _SHORTEST_S, high) for power in range(_DECADES + 1)]
    drawn.append(_mark(_x(BOUND_S), high, "#b3261e", f"{BOUND_S} s"))
    drawn += [_bar(one, _TOP + _ROW * row) for row, one in enumerate(found.taken)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_LEFT + _WIDE + 40} {high + 8}" '
        'font-family="system-ui, sans-serif" font-size="12" role="img">\n'
        "<title>How long revocations took under each fault: p50, p90, p99 and the longest</title>\n"
        '<rect width="100%" height="100%" fill="#fff"/>\n' + "".join(drawn) + "</svg>\n"
    )


def _x(seconds: float) -> float:
    """Return where a length of time stands; what is shorter than the axis stands at its begin."""
    times = max(seconds, _SHORTEST_S) / _SHORTEST_S
    return _LEFT + _WIDE * min(math.log10(times) / _DECADES, 1)


def _tick(seconds: float, high: int) -> str:
    name = f"{seconds:.0f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"
    return _mark(_x(seconds), high, "#ccc", name)


def _mark(at: float, high: int, colour: str, name: str) -> str:
    return (
        f'<path d="M{at:.0f} {_TOP - 12}V{high - 16}" stroke="{colour}"/>'
        f'<text x="{at:.0f}" y="{_TOP - 18}" text-anchor="middle">{name}</text>\n'
    )


def _bar(one: Taken, top: int) -> str:
    at = {name: _x(seconds) for name, seconds in one.within_s.items()}
    middle, stroke = top + _ROW / 2, 'stroke="#7ba3c9" stroke-width="3"'
    dots = "".join(
        f'<circle cx="{at[name]:.1f}" cy="{middle}" r="{size}" fill="#1f4e79"/>'
        for name, size in (("p50", 5), ("p90", 4), ("p99", 3), ("longest", 2))
    )
    return (
        f'<text x="{_LEFT - 12}" y="{middle + 4}" text-anchor="end">{escape(one.fault)}</text>'
        f'<path d="M{at["p50"]:.1f} {middle}H{at["longest"]:.1f}" {stroke}/>'
        f"{dots}\n"
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:,.0f} ms"
