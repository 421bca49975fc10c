"""Which page is about what a notice says."""

from __future__ import annotations

from counterfoil.kernel.ids import Prefix
from counterfoil.notices.model import Kind, Notice

OF = "of"
"""The fact that says which kind of token a notice is about: a name of `PAGE`."""

PAGE = {"personal": "/tokens", "service": "/content-api-manager", "client": "/key-pairs"}

_TO_DECIDE = frozenset({Kind.REQUEST_MADE, Kind.REQUEST_REMINDED})


def place(one: Notice) -> str:
    """Return the path of that page: a token's own, and a request's for who decides it.

    What is about a person is about how they sign in.
    """
    prefix, _, id_ = one.about.rpartition("_")
    if prefix == Prefix.USER:
        return "/settings/security"
    if prefix == Prefix.TOKEN:
        return f"{PAGE.get(str(one.facts.get(OF)), '/tokens')}/{id_}"
    return f"/approvals/{id_}" if one.kind in _TO_DECIDE else "/tokens"
