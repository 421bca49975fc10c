"""What the code lets in is what `authorization.txt`, which people keep by hand, says it shall."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.scope import Scope
from counterfoil.operation import ANY_CALLER, OPERATIONS, Operation
from tools.reference import all_routes

MEANT = Path(__file__).with_name("authorization.txt")


def meant(section: str) -> list[str]:
    """Return the lines of a section, with single blanks."""
    _, _, rest = MEANT.read_text().partition(f"[{section}]\n")
    lines = rest.partition("\n[")[0].splitlines()
    return [" ".join(line.split()) for line in lines if line and not line.startswith("#")]


def kinds(methods: Iterable[Method]) -> str:
    admitted = frozenset(methods)
    return "any" if admitted == ANY_CALLER else "+".join(sorted(map(str, admitted)))


def line(name: str, one: Operation) -> str:
    """Return an operation as the table says it."""
    marks = {"owner": one.owner, "fresh": one.fresh, "reads": one.reads}
    words = [
        name,
        str(one.requires or "-"),
        kinds(one.methods),
        str(one.surface or "-"),
        *(mark for mark, true in marks.items() if true),
    ]
    return " ".join(words)


def operations() -> set[str]:
    return {line(name, one) for name, one in OPERATIONS.items() if not name.startswith("probe.")}


def routes() -> set[str]:
    return {
        " ".join(
            filter(
                None,
                (
                    one.method,
                    one.path,
                    one.page or ("open" if one.open else ""),
                    one.operation,
                    *one.also,
                    *one.instead,
                ),
            )
        )
        for one in all_routes()
    }


def test_every_operation_lets_in_what_is_meant() -> None:
    """A new operation, or one that admits another credential, fails until it is meant (S17)."""
    said = meant("operations")
    assert len(said) == len(set(said))
    assert operations() == set(said)


def test_every_route_lets_in_what_is_meant() -> None:
    """A new route or page, or one that performs more or needs no credential, fails too (S17)."""
    said = meant("routes") + meant("pages")
    assert len(said) == len(set(said))
    assert routes() == set(said)


@pytest.mark.parametrize(
    "wider",
    [
        {"methods": ANY_CALLER},
        {"requires": Scope.CONTENT_READ},
        {"fresh": False},
        {"surface": None},
    ],
    ids=["kinds", "scope", "fresh", "surface"],
)
def test_a_widened_operation_does_not_pass(
    wider: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One word less in the code of an operation is one line that the table does not have (S17)."""
    widened = replace(OPERATIONS["token_request.approve"], **wider)  # type: ignore[arg-type]
    monkeypatch.setitem(OPERATIONS, "token_request.approve", widened)
    assert operations() - set(meant("operations")) == {line("token_request.approve", widened)}


def test_a_personal_token_may_do_what_a_pair_may() -> None:
    """Nothing is open to a key and secret's token that is closed to a personal one (A14)."""
    paired = {name for name, one in OPERATIONS.items() if Method.EXCHANGED in one.methods}
    personal = {name for name, one in OPERATIONS.items() if Method.PERSONAL in one.methods}
    assert paired
    assert paired <= personal
