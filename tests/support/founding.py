"""An organization to begin with, as the operator makes it, but without its built-in token."""

from __future__ import annotations

from counterfoil.directory import Founded, operator
from counterfoil.directory.found import create_organization
from counterfoil.directory.steps.admit import Newcomer
from counterfoil.kernel.ids import OrganizationId, new_id
from counterfoil.office import Office
from support.office import ORIGIN


def bootstrap(
    office: Office, *, organization: str, email: str, name: str, preset: str = "default"
) -> Founded:
    """Create an organization and its first admin."""
    caller = operator(OrganizationId(new_id(office.entropy)))
    with office.work(caller, ORIGIN) as work:
        return create_organization(work, organization, preset, Newcomer(name, email))
