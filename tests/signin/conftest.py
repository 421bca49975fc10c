"""An organization with people in it, and a visitor before its doors."""

from __future__ import annotations

import pytest

from counterfoil.operation import Office
from signin.visiting import House, Visitor, furnish


@pytest.fixture
def house(office: Office) -> House:
    return furnish(office)


@pytest.fixture
def visitor(office: Office, house: House) -> Visitor:  # noqa: ARG001 - somebody lives there
    return Visitor(office)
