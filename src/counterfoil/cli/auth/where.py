"""In which organizations a credential speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from counterfoil.cli.output.text import note, spelled
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

_BARRED: Final = "provider_required"
_SEVERAL: Final = 2


def places_of(client: Client) -> dict[str, str]:
    """Return the organizations of the credential, by id; none if it may not ask.

    With the name of one that does not let it in stands what that one asks for.
    """
    from counterfoil.client import ClientError

    try:
        each = client.wire.ask("GET", "/cma/organizations").data
        return {str(one["id"]): _called(one["attributes"]) for one in each}
    except (ClientError, KeyError, TypeError):
        return {}


def _called(facts: Mapping[str, Any]) -> str:
    name = str(facts["name"])
    return f"{name}  (asks that you sign in at its provider)" if facts.get(_BARRED) else name


def say_where(places: Mapping[str, str]) -> None:
    """Say that there are several organizations to choose from, and how one is chosen."""
    if len(places) < _SEVERAL:
        return
    note(f"  You are in {len(places)} organizations:")
    for id_, name in places.items():
        note(f"    {spelled(Prefix.ORGANIZATION, id_)}  {name}")
    note("  Say which with --organization, or keep one: counterfoil configure --organization org_…")
