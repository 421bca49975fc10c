"""Requests that mean one thing to whoever judges and another to whoever serves, by the hundred.

Each is sent with a token that may read `/items/17` of the shop and little else. Whatever becomes of
it, the API behind must see nothing that the token may not do, however leniently it reads (S51).
"""

from __future__ import annotations

import json
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote

IDENTITY: Final = (
    "Counterfoil-Subject",
    "Counterfoil-Organization",
    "Counterfoil-Token-Id",
    "Counterfoil-Token-Name",
    "Counterfoil-Token-Kind",
    "Counterfoil-Scopes",
    "Counterfoil-Roots",
    "Counterfoil-Late",
    "Counterfoil-Request-Id",
    "Counterfoil-Assertion",
)
FORGED: Final = "forged"
MAY: Final = frozenset({"/items/17", "/docs", "/health", "/garden/open"})
"""What the token may read. `/health` is open to everybody."""

_VECTORS: Final = Path(__file__).parents[1] / "vectors" / "addresses.json"
_WAYS_UP: Final = (
    *("..", "%2e%2e", "..%2f..", "..%5c", "%2e%2e%2f", "..;", ".%2e", "%252e%252e", "....//"),
    *("..%00", "..%0a", "%c0%ae%c0%ae", "..%c0%af", "%ef%bc%8e%ef%bc%8e", "..\\"),
)
_QUERIES: Final = (
    *("/docs", "/../docs", "x=/health", "%2fdocs", "#/docs", "uri=/docs", "_method=GET"),
)
_OWN: Final = "{token}"
"""Stands for the token in a header."""


@dataclass(frozen=True)
class Case:
    """A request as its bytes, but for the line that presents the token if it presents one."""

    name: str
    method: str = "GET"
    target: str = "/items/17"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    presents: bool = True
    closed: bool = False
    """Whether nothing of it may arrive, although its target is open to the token."""

    def raw(self, token: str) -> bytes:
        """Return it as it goes over the wire."""
        target = self.target.replace(_OWN, token)
        lines = [f"{self.method} {target} HTTP/1.1", "Host: api.test"]
        if self.presents:
            lines.append(f"Authorization: Bearer {token}")
        lines += [f"{name}: {value}".replace(_OWN, token) for name, value in self.headers]
        lines.append("Connection: close") if not self._has("connection") else None
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body

    def _has(self, name: str) -> bool:
        return any(key.strip().lower() == name for key, _ in self.headers)


def allowed(method: str, target: str) -> bool:
    """Say whether the token may do what an API is asked, however the API reads it."""
    if method not in {"GET", "HEAD"}:
        return False
    return all(_may(reading) for reading in readings(target))


def readings(target: str) -> set[str]:
    """Return the paths that lenient readers take an address for."""
    path = target.partition("?")[0]
    found = {path}
    for _ in range(3):
        for one in list(found):
            plain = unquote(one)
            bare = "/".join(step.partition(";")[0] for step in plain.split("/"))
            turned = plain.replace("\\", "/").partition("#")[0].partition("\x00")[0]
            found |= {plain, bare, turned, posixpath.normpath(turned), turned.lower()}
    return {one.rstrip("/") or "/" for one in found}


def _may(path: str) -> bool:
    return path in MAY or path.startswith("/garden/open/")


def _variants(name: str) -> list[str]:
    low, under = name.lower(), name.replace("-", "_")
    signs = [name.replace("-", sign) for sign in ".~+"]
    cases = [name, low, name.upper(), name.swapcase(), under, under.lower(), *signs]
    return [*cases, name.replace("-", "_", 1), f"{name} ", f" {name}", f"{name}\t"]


def _addresses() -> list[Case]:
    vectors = json.loads(_VECTORS.read_text())
    cases = []
    for number, one in enumerate(vectors["refused"]):
        target = one["target"]
        cases.append(Case(f"address {number}: {one['why']}", target=target))
        if target.startswith("/"):
            cases.append(Case(f"below {number}: {one['why']}", target=f"/items/17{target}"))
            cases.append(Case(f"above {number}: {one['why']}", target=f"{target}/../items/17"))
    cases += [
        Case(f"{start} and up by {way}", target=f"{start}/{way}/admin")
        for way in _WAYS_UP
        for start in sorted(MAY)
    ]
    cases += [Case(f"in the query: {query}", target=f"/admin?{query}") for query in _QUERIES]
    return cases


def _identities() -> list[Case]:
    cases = []
    for name in IDENTITY:
        cases += [
            Case(f"{variant!r}: forged", headers=((variant, FORGED),))
            for variant in _variants(name)
        ]
        cases.append(Case(f"{name}: twice", headers=((name, FORGED), (name, FORGED))))
        cases.append(Case(f"{name}: empty", headers=((name, ""), (name, FORGED))))
        cases.append(
            Case(
                f"{name}: named in Connection",
                headers=((name, FORGED), ("Connection", f"close, {name}")),
            )
        )
        cases += [
            Case(
                f"{name}: taken away by {said}", headers=tuple(("Connection", one) for one in said)
            )
            for said in (
                (f"close, {name}",),
                (f"close,\t{name.lower()} ,",),
                (f"{name.upper()},close, {name}",),
                (name, "close"),
            )
        ]
        cases.append(
            Case(
                f"{name}: on an open route",
                target="/health",
                headers=((name, FORGED),),
                presents=False,
            )
        )
    return cases


def _originals() -> list[Case]:
    said = {
        "X-Original-URI": "/docs",
        "X-Forwarded-Uri": "/docs",
        "X-Original-URL": "/admin",
        "X-Rewrite-URL": "/admin",
        "X-Original-Method": "GET",
        "X-Forwarded-Method": "GET",
        "X-HTTP-Method-Override": "DELETE",
        "X-HTTP-Method": "DELETE",
        "X-Method-Override": "DELETE",
    }
    cases = []
    for name, value in said.items():
        for variant in _variants(name):
            header = ((variant, value),)
            cases.append(Case(f"{variant!r} on /admin", target="/admin", headers=header))
            cases.append(Case(f"{variant!r} on PUT", method="PUT", headers=header))
            cases.append(Case(f"{variant!r} on a good one", headers=header))
        cases.append(
            Case(
                f"{name} named in Connection",
                target="/admin",
                headers=((name, value), ("Connection", f"close, {name}")),
            )
        )
    cases += [
        Case(f"{name} on /admin", target="/admin", headers=((name, "/docs"),))
        for name in ("X-Forwarded-Host", "X-Original-Host", "X-Forwarded-Prefix", "Forwarded")
    ]
    return cases


def _credentials() -> list[Case]:
    tries = {
        "nothing": (),
        "a cookie": (("Cookie", "token={token}"),),
        "an API key": (("X-API-Key", "{token}"),),
        "Basic": (("Authorization", "Basic {token}"),),
        "no scheme": (("Authorization", "{token}"),),
        "a comma": (("Authorization", "Bearer {token}, Bearer {token}"),),
        "a comma after it": (("Authorization", "Bearer {token},"),),
        "an underscore": (("Proxy_Authorization", "Bearer {token}"),),
        "for the proxy": (("Proxy-Authorization", "Bearer {token}"),),
        "forwarded": (("X-Forwarded-Authorization", "Bearer {token}"),),
        "original": (("X-Original-Authorization", "Bearer {token}"),),
        "two lines": (("Authorization", "Bearer {token}"), ("Authorization", "Bearer {token}")),
        "two lines, the first": (
            ("Authorization", "Bearer {token}"),
            ("Authorization", "Bearer cfp_y"),
        ),
        "two lines, the last": (
            ("Authorization", "Bearer cfp_x"),
            ("Authorization", "Bearer {token}"),
        ),
        "undefined": (("Authorization", "Bearer undefined"),),
        "a space more": (("Authorization", "Bearer  {token}"),),
        "a tab": (("Authorization", "Bearer\t{token}"),),
        "a word before it": (("Authorization", "x Bearer {token}"),),
        "a word after it": (("Authorization", "Bearer {token} x"),),
        "quoted": (("Authorization", 'Bearer "{token}"'),),
        "cut": (("Authorization", "Bearer cfp_"),),
    }
    cases = [
        Case(f"credential: {name}", headers=headers, presents=False, closed=True)
        for name, headers in tries.items()
    ]
    address = "/items/17?token={token}"
    cases.append(Case("credential: in the address", target=address, presents=False, closed=True))
    cases.append(Case("credential: in the address, too", target=address, closed=True))
    return cases


def _bodies() -> list[Case]:
    """A second request inside of the first, for whoever disagrees about where the first ends."""
    hidden = b"GET /admin HTTP/1.1\r\nHost: api.test\r\nX: "
    chunk = b"0\r\n\r\n" + hidden
    cases = []
    for name, headers in {
        "both lengths": (("Content-Length", str(len(chunk))), ("Transfer-Encoding", "chunked")),
        "both lengths, turned": (("Transfer-Encoding", "chunked"), ("Content-Length", "4")),
        "two lengths": (("Content-Length", "0"), ("Content-Length", str(len(chunk)))),
        "a length twice in one": (("Content-Length", f"0, {len(chunk)}"),),
        "a signed length": (("Content-Length", "+0"),),
        "a negative length": (("Content-Length", "-1"),),
        "no number": (("Content-Length", "0x10"),),
        "chunked, oddly": (("Transfer-Encoding", "xchunked"),),
        "chunked and more": (("Transfer-Encoding", "chunked, identity"),),
        "chunked twice": (("Transfer-Encoding", "chunked"), ("Transfer-Encoding", "chunked")),
        "a space before the colon": (("Transfer-Encoding ", "chunked"),),
        "a tab before chunked": (("Transfer-Encoding", "\tchunked"),),
        "a folded line": (("X", "1\r\n Transfer-Encoding: chunked"),),
        "a bare line feed": (("X", "1\nTransfer-Encoding: chunked"),),
        "a bare return": (("X", "1\rTransfer-Encoding: chunked"),),
        "NUL in a value": (("X", "\x00"),),
        "an underscored length": (("Content_Length", "0"), ("Transfer_Encoding", "chunked")),
        "expecting": (("Expect", "100-continue"), ("Content-Length", "0")),
        "upgrading": (("Upgrade", "h2c"), ("HTTP2-Settings", "AAMAAABkAARAAAAAAAIAAAAA")),
    }.items():
        cases += [
            Case(f"{method}, {name}, {len(body)}", method, headers=headers, body=body)
            for method in ("GET", "POST")
            for body in (chunk, hidden)
        ]
    return cases


FAMILIES: Final = {
    "addresses": _addresses(),
    "identities": _identities(),
    "originals": _originals(),
    "credentials": _credentials(),
    "bodies": _bodies(),
}
GOOD: Final = Case("as plain as can be")
"""What passes: if it does not, nothing is said by what is refused beside it."""
CASES: Final = tuple(case for family in FAMILIES.values() for case in family)
