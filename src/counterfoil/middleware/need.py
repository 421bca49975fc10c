"""Needs: what a view asks for, said once above it.

A node is named as in a table of routes: by a template of the view's parameters, `{order}` or
`{shop}/{order}`, those of the query too: `{?parent}`. `any` says that nodes do not matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from counterfoil.access.scope import GRAMMAR
from counterfoil.gate.referee import Named
from counterfoil.gate.ways import unreadable
from counterfoil.middleware.visitor import ANY, Visitor
from counterfoil.routing.address import UnreadableError
from counterfoil.routing.pattern import PatternError, Whole, place
from counterfoil.routing.table import key


class _Everything:
    """The parameters of a view that is not known yet."""

    def __contains__(self, name: object) -> bool:
        return True


class Need:
    """A scope, on the node that a request's parameters name.

    Raises:
        ValueError: for what no scope is spelled like, or a node that cannot be read.
    """

    def __init__(self, scope: str, node: str) -> None:
        if not GRAMMAR.fullmatch(scope):
            message = f"{scope!r} is no scope: it looks like orders:read"
            raise ValueError(message)
        self._scope = scope
        self._place = place(node, _Everything())
        if self._place is Whole.PATH:
            raise PatternError("A view names its node by its parameters; `path` is for routes.")

    def of(self, visitor: Visitor, parameters: Mapping[str, Any], query: str) -> None:
        """Return if a visitor may.

        Raises:
            CounterfoilError: as `Visitor.require` says.
            Malformed: if the query says the node in two ways.
            KeyError: if the view has no such parameter.
        """
        visitor.require(self._scope, node=self._named(parameters, query))

    def _named(self, parameters: Mapping[str, Any], query: str) -> Named:
        if self._place is Whole.ANY:
            return ANY
        found = {name: str(value) for name, value in parameters.items()}
        try:
            return key(self._place, found, query)
        except UnreadableError as error:
            raise unreadable(error) from None
