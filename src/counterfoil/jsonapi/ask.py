"""Where the holder of a personal token asks for more than it may do, if that is what was missing.

The address leads to the page on which the token's own restrictions are changed, as they are and
with the missing scope or API ticked; what is wider there waits for approval as anything does. It
says nothing of the node that was asked for (S31): what a token may not see, a person chooses.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from counterfoil.access.caller import Caller, Method
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import Prefix, spell

_ASKED: Final = {
    Code.OUTSIDE_ROOT_NODES: "",
    Code.INSUFFICIENT_SCOPE: "scope",
    Code.API_NOT_ENABLED_FOR_TOKEN: "surface",
}
"""What is missing, by the member of `meta` that names it."""


def where_to_ask(caller: Caller | None, error: CounterfoilError) -> str:
    """Return the path of the page; empty for who has none, and where asking would not help."""
    if caller is None or caller.method is not Method.PERSONAL or caller.token is None:
        return ""
    if caller.parent is not None:  # what was exchanged is not changed: another exchange is made
        return ""
    member = _ASKED.get(error.code)
    if member is None:
        return ""
    path = f"/tokens/{spell(Prefix.TOKEN, caller.token)}/restrictions"
    return f"{path}?{urlencode({member: error.meta[member]})}" if member in error.meta else path
