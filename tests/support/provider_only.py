"""An organization asks for a provider, as if somebody whom one vouched for had turned it on."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from counterfoil import directory
from counterfoil.app.by_hand import MACHINE, opened
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.kernel.ids import OrganizationId
from counterfoil.office import Office
from counterfoil.runtime.settings import Settings
from support.directory import Company


def demand(data: Path, here: int) -> None:
    """Turn it on in one organization of a data directory, beside a server or without one."""
    with opened(Settings(data_dir=data)) as office:
        _demand(office, OrganizationId(here))


def demanding(company: Company) -> None:
    """Turn it on in a company."""
    _demand(company.office, company.id)


def _demand(office: Office, here: OrganizationId) -> None:
    operator = structs.replace(directory.operator(here), vouched_in=None)
    with office.work(operator, MACHINE) as work:
        version = directory.policy(work.tx, here).version
        edit_policy(work, version, {"provider_only": True})
