"""An organization with people in it, and a visitor before its doors."""

from __future__ import annotations

import pytest

from counterfoil.office import Office
from support.signin import House, Visitor


@pytest.fixture
def house(office: Office) -> House:
    return House(office)


@pytest.fixture
def visitor(house: House) -> Visitor:
    return Visitor(house.office)
