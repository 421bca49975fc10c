"""In which organizations a credential speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from counterfoil.cli.output.text import note, spelled
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

_SEVERAL: Final = 2


def places_of(client: Client) -> dict[str, str]:
    """Return the organizations where the credential speaks, by id; none if it may not ask."""
    from counterfoil.client import ClientError

    try:
        each = client.wire.ask("GET", "/cma/organizations").data
        return {str(one["id"]): str(one["attributes"]["name"]) for one in each}
    except (ClientError, KeyError, TypeError):
        return {}


def say_where(places: Mapping[str, str]) -> None:
    """Say that there are several organizations to choose from, and how one is chosen."""
    if len(places) < _SEVERAL:
        return
    note(f"  You are in {len(places)} organizations:")
    for id_, name in places.items():
        note(f"    {spelled(Prefix.ORGANIZATION, id_)}  {name}")
    note("  Say which with --organization, or keep one: counterfoil configure --organization org_…")
