"""An organization asks for a provider, as if somebody whom one vouched for had turned it on."""

from __future__ import annotations

from pathlib import Path

from msgspec import structs

from counterfoil import directory
from counterfoil.app.machine import MACHINE, opened
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.kernel.ids import OrganizationId
from counterfoil.runtime.settings import Settings


def demand(data: Path, here: int) -> None:
    """Turn it on in one organization of a data directory, beside a server or without one."""
    with opened(Settings(data_dir=data)) as office:
        operator = directory.operator(OrganizationId(here))
        with office.work(structs.replace(operator, vouched=True), MACHINE) as work:
            version = directory.policy(work.tx, operator.organization).version
            edit_policy(work, version, {"provider_only": True})
