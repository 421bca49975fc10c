"""The verbs that are killed: how each is asked for, what it changes, and what tokens meet then."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from werkzeug.test import TestResponse

from chaos.kill.place import Ask, node, personal_token, secret_of

Known: TypeAlias = Mapping[str, Any]


class Verb(NamedTuple):
    """A verb that is asked for over HTTP.

    Attributes:
        operation: what the audit trail calls it.
        ask: asks for it.
        pieces: SQL, by what is known, each of which counts how often a part of it has happened.
        meets: what tokens meet at the leaf, before it and after it, by what they are called here.
        again: what whoever asks again is answered, once it has happened.
        shows: whether its answer shows a secret; that one is called `new`.
    """

    operation: str
    ask: Callable[[Ask, Known], TestResponse]
    pieces: tuple[str, ...]
    meets: Mapping[str, tuple[int, int]]
    again: int
    shows: bool = False

    def wrong(self, ask: Ask, known: Known, told: Known | None, *, happened: bool) -> list[str]:
        """Return which tokens meet what they should not."""
        texts = {"pending": known["pending"], **known["secrets"]}
        if told is not None and self.shows:
            texts["new"] = secret_of(told["data"])
        found = []
        for name, statuses in self.meets.items():
            if name in texts:
                met = ask("GET", f"/cma/nodes/{known['leaf']}", texts[name]).status_code
                if met != statuses[happened]:
                    found.append(f"{name} meets {met} in place of {statuses[happened]}")
        return found


def _request(ask: Ask, known: Known) -> TestResponse:
    body = {"data": personal_token("phone")}
    return ask("POST", "/cma/personal_access_tokens", known["ben"], json=body)


def _approve(ask: Ask, known: Known) -> TestResponse:
    path = f"/cma/token_requests/{known['request']}/approve"
    return ask("POST", path, known["ada"], headers={"If-Match": f'"{known["version"]}"'})


def _rotate(ask: Ask, known: Known) -> TestResponse:
    return ask("POST", f"/cma/api_tokens/{known['ids']['turning']}/regenerate", known["manager"])


def _revoke(ask: Ask, known: Known) -> TestResponse:
    return ask("DELETE", f"/cma/api_tokens/{known['ids']['doomed']}", known["manager"])


def _move(ask: Ask, known: Known) -> TestResponse:
    moved = node(known["there"]) | {"id": known["leaf"]}
    del moved["attributes"]
    return ask("PATCH", f"/cma/nodes/{known['leaf']}", known["manager"], json={"data": moved})


_OF: Final = "SELECT count(*) FROM {} of JOIN token ON token.id = of.token_id WHERE token.name = "

_SECOND: Final = (
    " AND 1 < (SELECT count(*) FROM token_secret beside WHERE beside.token_id = of.token_id)"
)

VERBS: Final[Mapping[str, Verb]] = {
    "request": Verb(
        "token.request", _request,
        (
            "SELECT count(*) FROM token WHERE name = 'phone'",
            f"{_OF.format('token_grant')} 'phone' AND of.state = 'pending'",
            f"{_OF.format('token_secret')} 'phone'",
            f"{_OF.format('token_request')} 'phone' AND of.state = 'open'",
        ),
        {"pending": (401, 401), "new": (401, 401)}, 202, shows=True,
    ),
    "approve": Verb(
        "token_request.approve", _approve,
        (
            f"{_OF.format('token_grant')} 'laptop' AND of.state = 'active'",
            f"{_OF.format('token_request')} 'laptop' AND of.state = 'approved'",
        ),
        {"pending": (401, 200)}, 412,
    ),
    "rotate": Verb(
        "api_token.regenerate", _rotate,
        (
            f"{_OF.format('token_secret')} 'turning' AND of.retired_at IS NOT NULL",
            f"{_OF.format('token_secret')} 'turning' AND of.retired_at IS NULL {_SECOND}",
        ),
        {"turning": (200, 401), "new": (401, 200)}, 200, shows=True,
    ),
    "revoke": Verb(
        "api_token.revoke", _revoke,
        (
            "SELECT count(*) FROM token WHERE name = 'doomed' AND revoked_at IS NOT NULL",
            f"{_OF.format('token_grant')} 'doomed' AND of.state = 'revoked'",
            f"{_OF.format('token_secret')} 'doomed' AND of.retired_at IS NOT NULL",
        ),
        {"doomed": (200, 401)}, 200,
    ),
    "move": Verb(
        "node.move", _move,
        ("SELECT count(*) FROM node WHERE id = {leaf} AND parent_id = {there}",),
        {"rooted": (200, 403)}, 200,
    ),
}  # fmt: skip
"""By name."""
