"""What a list of members takes in its address: who is sought, and in which order."""

from __future__ import annotations

from typing import Final

from counterfoil.directory.sought import Presence, Sought
from counterfoil.jsonapi.parameter import Parameter, id_in, one_of
from counterfoil.jsonapi.query import Query
from counterfoil.kernel.errors import Code, Malformed
from counterfoil.kernel.ids import Prefix, RoleId

_QUERY: Final = "filter[query]"
_STATE: Final = "filter[state]"
_ROLE: Final = "filter[role]"
_SORT: Final = "sort"
_ORDERS: Final = ("id", "name")
_MOST_CHARS: Final = 100

SEEKING: Final = (
    Parameter(
        _QUERY,
        "Only members whose name or e-mail address holds this.",
        {"type": "string", "minLength": 1, "maxLength": _MOST_CHARS},
        "example.com",
    ),
    one_of(_STATE, "Only members who may come in, have yet to accept, or are shut out.", Presence),
    id_in(_ROLE, "Only members who hold this role.", Prefix.ROLE),
    one_of(_SORT, "In the order of ids, as it is if this is left out, or of names.", _ORDERS),
)


def sought(query: Query) -> Sought:
    """Return who is sought.

    Raises:
        Malformed: naming the parameter that is wrong.
    """
    text = query.text(_QUERY)
    if text is not None and not 0 < len(text.strip()) <= _MOST_CHARS:
        told = f"The parameter {_QUERY!r} has between 1 and {_MOST_CHARS} characters."
        raise Malformed(Code.INVALID_REQUEST, told, meta={"parameter": _QUERY})
    role = query.id(Prefix.ROLE, _ROLE)
    return Sought(
        query=(text or "").strip(),
        presence=query.one_of(_STATE, Presence),
        role=None if role is None else RoleId(role),
        by_name=query.among(_SORT, _ORDERS) == "name",
    )
