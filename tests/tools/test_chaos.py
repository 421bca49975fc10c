"""The plot and the table of `make chaos` say what was measured."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import fromstring

import pytest

from chaos import found
from chaos.faults import NAMES
from chaos.found import Found, Part, Taken
from chaos.history import History

LOST, KILLED = "answers to the gate are lost", "the office is killed"
PROXY, LOSS = "a proxy", "lost packets"
SVG = "{http://www.w3.org/2000/svg}"


def a_run() -> Found:
    history = History()
    for token in range(100):
        history.revoked(token, 0.0, 0.01 if token < 99 else 2.0)
    history.asked(0, 1.0, 40, [1])
    return of_faults(
        Part("2026-11-26", 0.5, PROXY, [LOST, KILLED]),
        Taken.of(LOST, history),
        Taken.of(KILLED, History()),
    )


def of_faults(part: Part, *taken: Taken) -> Found:
    return Found(4, 2, [part], list(taken))


def test_a_run_is_told_as_it_was() -> None:
    """What was accepted too late is counted, and longest is the longest."""
    run = a_run()
    assert run.broken == 1
    assert "100 revocations, 1 accepted after a receipt" in run.sentence()
    assert run.sentence().startswith(
        "Faults: 2 on 2026-11-26 (load 0, wires cut by a proxy). "
        "4 gates and 2 cores for everything: 40 verifications"
    )
    row = found.line(run.taken[0])
    assert row == f"| {LOST} | 40 | 0 | 100 | 1 | 10 ms | 2,000 ms | 2,000 ms |\n"


def test_who_waits_for_too_long_breaks_a_promise() -> None:
    """A run fails in which a revocation took longer than 2.1 seconds, whatever else was right."""
    for took, broken in ((2.09, 0), (2.11, 1)):
        history = History()
        history.revoked(1, 0.0, took)
        part = Part("2026-11-26", 0.5, PROXY, [LOST])
        assert of_faults(part, Taken.of(LOST, history)).broken == broken


def test_the_plot_has_a_row_for_each_fault() -> None:
    """It is SVG that any reader reads, and what is longer stands further to the right."""
    run = a_run()
    run.taken.append(Taken.of("lies & noise", History()))
    drawn = fromstring(found.plot(run))  # noqa: S314 - we have just written it
    names = [one.text for one in drawn.iter(f"{SVG}text")]
    assert {LOST, KILLED, "lies & noise", "2.1 s"} <= set(names)
    dots = [float(one.attrib["cx"]) for one in drawn.iter(f"{SVG}circle")]
    assert len(dots) == 12
    assert dots[0] < dots[3]


def test_figures_and_plot_are_kept_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page has the table and the plot of the run that was kept, and nothing else changes."""
    page = tmp_path / "page.md"
    page.write_text(f"before\n{found.BEGIN}old\n{found.END}after\n")
    for name, path in (("PAGE", page), ("PLOT", tmp_path / "plot.svg"),
                       ("KEPT", tmp_path / "kept.json"),
                       ("RESULTS", tmp_path / "results/chaos.json")):  # fmt: skip
        monkeypatch.setattr(found, name, path)
    found.write(a_run())
    found.keep(found.latest())
    told = page.read_text()
    assert told.startswith("before\n")
    assert told.endswith("after\n")
    assert "(plot.svg)" in told
    assert "old" not in told
    assert (tmp_path / "plot.svg").read_text() == found.plot(a_run())


def test_a_later_run_of_some_stands_beside_the_others() -> None:
    """Of a fault that was run again the later figures stand, with when and how that was."""
    frozen = "the gate is frozen"
    more = of_faults(
        Part("2026-11-27", 2.5, LOSS, [KILLED, frozen]),
        Taken.of(KILLED, History(verified=7)),
        Taken.of(frozen, History(verified=8)),
    )
    whole = a_run().with_more(more)
    assert whole.sentence().startswith(
        "Faults: 1 on 2026-11-26 (load 0, wires cut by a proxy), "
        "2 on 2026-11-27 (load 2, wires cut by lost packets). "
    )
    assert [one.verified for one in whole.taken] == [40, 8, 7]
    assert [one.fault for one in whole.taken] == sorted((LOST, frozen, KILLED), key=NAMES.index)
    later = of_faults(Part("2026-11-28", 3.0, LOSS, [LOST]), Taken.of(LOST, History()))
    last = whole.with_more(later)
    assert [one.on for one in last.parts] == ["2026-11-27", "2026-11-28"]


def test_every_fault_that_was_promised_is_tried() -> None:
    """Cuts, freezes, kills, lies, clocks, disks and databases: none is left out."""
    assert len(NAMES) == len(set(NAMES))
    for word in ("both ways are cut", "answers to", "questions of", "gate is frozen",
                 "gate is killed",
                 "office is killed", "leader of NATS", "wiped", "replayed", "forged",
                 "disk is empty", "hostile", "two offices is killed", "cut off from Postgres",
                 "hour ahead", "hour behind", "Postgres is killed", "Postgres stands still",
                 "two offices stands still", "disks"):  # fmt: skip
        assert any(word in name for name in NAMES), word
