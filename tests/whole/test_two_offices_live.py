"""Gates on other hosts, and two offices on one Postgres: what was revoked opens nowhere (R1, R2).

The gates ask one of the offices each, or whichever they are led to. `make chaos` is the long form.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos.faults import OF_TWO_OFFICES, Fault
from chaos.house import House, house
from chaos.run import Run


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    folder = tmp_path_factory.mktemp("two")
    with house(folder, many=3, victims=400, on_postgres=True, offices=2) as running:
        yield running


@pytest.mark.slow
@pytest.mark.parametrize("fault", OF_TWO_OFFICES, ids=lambda fault: fault.name)
def test_nothing_revoked_opens(built: House, fault: Fault) -> None:
    """What one office has answered holds at each gate, whichever office it follows (R1, R2, R10).

    So it does while one of them is killed or does not reach the database, and nobody good is
    decided against.
    """
    history = Run(built, pause_s=0.01).through(fault, revocations=6, rounds=1)
    for one in built.gates:
        one.ready()
    assert (history.wrong(), history.turned_away) == ([], 0)
    assert len(history.took_s) >= 6
    assert history.verified > 0
