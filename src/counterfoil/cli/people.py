"""Who people are, for whoever reads along: programs go by ids."""

from __future__ import annotations

from counterfoil.client import Client, ClientError, Denied
from counterfoil.kernel.ids import Prefix


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
