"""What every member may know of the roles."""

from __future__ import annotations

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.role import BUILT_IN, READER
from counterfoil.access.scope import Scope
from counterfoil.directory.show import Explained, explain_roles
from counterfoil.kernel.errors import Code, Denied
from counterfoil.office import Office
from support.directory import Company


@pytest.fixture
def acme(office: Office) -> Company:
    return Company(office)


def test_who_may_read_no_roles_learns_what_they_allow(acme: Company) -> None:
    """Every member learns what each role allows and which is theirs, never which nodes (X7)."""
    acme.role("press", Scope.CONTENT_READ, roots=frozenset({acme.root}))
    rob = acme.hire("Rob", "reader")
    with acme.looking(rob) as work:
        told = {one.name: one for one in explain_roles(work)}
    assert told.keys() == {*BUILT_IN, "press"}
    assert told["press"] == Explained(
        "press", Scope.CONTENT_READ.bit, built_in=False, bounded=True, mine=False
    )
    assert told["reader"] == Explained("reader", READER, built_in=True, bounded=False, mine=True)


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE])
def test_no_token_is_told_so(acme: Company, method: Method) -> None:
    """A token reads roles by roles:read and not by the way of people."""
    with pytest.raises(Denied) as denied, acme.looking(acme.ada, method) as work:
        explain_roles(work)
    assert denied.value.code is Code.CREDENTIAL_KIND_NOT_ADMITTED
