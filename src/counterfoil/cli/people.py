"""Who people are, for a terminal: programs go by ids."""

from __future__ import annotations

from counterfoil.client import Client, ClientError
from counterfoil.kernel.ids import Prefix


class People:
    """Names by id, asked for once. Whoever may not know a name sees the id."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._names: dict[str, str] = {}

    def name(self, id_: str | None) -> str:
        """Return what somebody is called; nothing for nobody."""
        if not id_:
            return ""
        if id_ not in self._names:
            self._names[id_] = self._ask(id_) or f"{Prefix.USER}_{id_}"
        return self._names[id_]

    def _ask(self, id_: str) -> str | None:
        try:
            attributes = self._client.wire.ask("GET", f"/cma/users/{id_}").data["attributes"]
        except (ClientError, KeyError, TypeError):
            return None
        name = attributes.get("name") if isinstance(attributes, dict) else None
        return name if isinstance(name, str) else None
