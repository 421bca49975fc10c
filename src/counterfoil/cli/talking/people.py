"""Who people are, for whoever reads along: programs go by ids. And whether anybody is there."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from counterfoil.kernel.ids import Prefix

if TYPE_CHECKING:
    from counterfoil.client import Client


def nobody_asks() -> bool:
    """Say whether nothing is to be asked here, for nobody would answer."""
    return bool(os.environ.get("CI") or os.environ.get("COUNTERFOIL_NO_INPUT"))


def agreed(question: str, *, yes: bool) -> None:
    """Ask before what cannot be undone; whoever is not at a terminal has decided already.

    Raises:
        Abort: if the answer is no.
    """
    import click

    if not yes and sys.stdin.isatty() and not nobody_asks():
        click.confirm(question, abort=True, err=True)


class People:
    """Names by id, asked for once each. Whoever may not know names is told ids.

    A denial is on record at the server, so after one nobody else is asked about.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: dict[str, str] = {}
        self._denied = False

    def name(self, id_: str | None) -> str:
        """Return what somebody is called; nothing for nobody."""
        if not id_:
            return ""
        if id_ not in self._names:
            self._names[id_] = self._ask(id_) or f"{Prefix.USER}_{id_}"
        return self._names[id_]

    def _ask(self, id_: str) -> str | None:
        from counterfoil.client import ClientError, Denied

        if self._denied:
            return None
        try:
            attributes = self._client.wire.ask("GET", f"/cma/users/{id_}").data["attributes"]
        except Denied:
            self._denied = True
            return None
        except (ClientError, KeyError, TypeError):
            return None
        name = attributes.get("name") if isinstance(attributes, dict) else None
        return name if isinstance(name, str) else None
