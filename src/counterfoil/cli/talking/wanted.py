"""What the command line says of a token: how far it reaches, until when, what it is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.talking import conditions
from counterfoil.cli.talking.instants import read_expiry
from counterfoil.kernel.clock import system_clock
from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client

SURFACES: Final = click.Choice(("delivery", "preview", "management"))
_UNREMINDED: Final = "none"
reminders: Final = click.option(
    "--remind",
    "reminders",
    multiple=True,
    type=click.Choice(("30", "7", "1", _UNREMINDED)),
    help="You are told so many days before its end; may be repeated, or `none`.",
)
"""Gives a command the option that says when its owner is reminded of a token's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How far a token reaches and until when, as the options say; what none says is left out."""

    scopes: Sequence[str]
    roots: Sequence[str]
    surfaces: Sequence[str]
    expires: str | None
    ip_ranges: Sequence[str] = ()
    rate: str | None = None
    not_before: str | None = None

    def said(self) -> dict[str, Any]:
        """Return the attributes that need no server to be understood."""
        attributes: dict[str, Any] = {}
        if self.scopes:
            attributes["scopes"] = list(self.scopes)
        if self.surfaces:
            attributes["surfaces"] = list(self.surfaces)
        if self.expires:
            attributes["expires_at"] = read_expiry(self.expires, system_clock())
        return attributes | conditions.said(
            self.ip_ranges, self.rate, self.not_before, system_clock()
        )

    def placed(self, client: Client) -> dict[str, Any]:
        """Return the roots, for which the server is asked where a path leads.

        Raises:
            Stop: exit 6 for a node that is not there, or not to be seen.
        """
        return {"roots": node_ids(client, self.roots)} if self.roots else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach(Bounds):
    """The bounds of a token that may also do all that its owner may, whom it reminds of its end."""

    inherit: bool
    reminders: Sequence[str] = ()

    def said(self) -> dict[str, Any]:
        """Return the attributes that need no server to be understood."""
        attributes = Bounds.said(self)
        if self.inherit and self.scopes:
            message = "--inherit is all of your scopes: give it or --scope."
            raise click.UsageError(message)
        if self.reminders:
            attributes["reminders"] = _days(self.reminders)
        return {**attributes, "scopes": None} if self.inherit else attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted(Reach):
    """A token that is asked for."""

    name: str
    reason: str | None

    def said(self) -> dict[str, Any]:
        """Return the attributes that need no server to be understood."""
        return {**_given({"name": self.name, "justification": self.reason}), **Reach.said(self)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes(Reach):
    """What is to be different about a token that there is."""

    name: str | None
    description: str | None
    enabled: bool | None
    reason: str | None

    def said(self) -> dict[str, Any]:
        """Return the attributes that need no server to be understood."""
        called = {
            "name": self.name,
            "description": self.description,
            "enabled": self.enabled,
            "justification": self.reason,
        }
        return {**_given(called), **Reach.said(self)}


def _days(said: Sequence[str]) -> list[int]:
    """Return on how many days before its end a token's owner is reminded."""
    if _UNREMINDED not in said:
        return [int(one) for one in dict.fromkeys(said)]
    if set(said) != {_UNREMINDED}:
        message = "--remind none is no reminder: give it or days."
        raise click.UsageError(message)
    return []


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def node_ids(client: Client, roots: Sequence[str]) -> list[str]:
    """Return the ids of nodes that are named by id or by path."""
    found = []
    for root in roots:
        if not root.startswith("/"):
            found.append(root.removeprefix(_NODE))
            continue
        node = client.nodes.at(root)
        if node is None:
            raise Stop(Exit.NOT_FOUND, f"There is no node {root}, or none that you may see")
        found.append(node.id)
    return found


_NODE: Final = f"{Prefix.NODE}_"


def widened(before: Sequence[str] | None, added: Sequence[str]) -> list[str]:
    """Return the scopes of a token with those that are added.

    Raises:
        Stop: exit 2 for a token that has none of its own, but all that its owner or role has: a
            list would take away whatever it does not name.
    """
    if before is None:
        raise Stop(
            Exit.USAGE,
            "This token may do all that its owner or role may, so nothing can be added to it.",
            "Give them the scope, by a role: `counterfoil role list`. Or list all of its scopes"
            " by --scope.",
        )
    return list(dict.fromkeys([*before, *added]))
