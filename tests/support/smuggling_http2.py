"""What HTTP/2 lets a client say that HTTP/1.1 has no words for, by the hundred.

The proxy turns each into a request of HTTP/1.1, so what were only bytes, the end of a line or a
length, become syntax. Each is sent with the token of `smuggling`, and the same must hold of what
arrives.
"""

from __future__ import annotations

from typing import Final

from support import smuggling
from support.framed import BEARER, SUBJECT, TOKEN, Case, more, pseudo
from support.raw_http2 import Fields
from support.smuggling_bodies import bodies, many, trailers
from support.smuggling_heads import connections, hosts, names, pseudo_headers


def _translated() -> list[Case]:
    """What is tried over HTTP/1.1, with its names in small letters as HTTP/2 wants them."""
    cases = []
    for one in smuggling.CASES:
        if one.body:
            continue
        named = tuple((name.lower(), value) for name, value in one.headers)
        fields = (*pseudo(one.method, one.target), *(BEARER if one.presents else ()), *named)
        cases.append(Case(one.name, fields, closed=one.closed))
    return cases


def _credentials() -> list[Case]:
    """The token where it is no credential, in one piece and in crumbs."""
    token = ("cookie", "token={token}")
    tries: dict[str, Fields] = {
        "a crumb": (token,),
        "crumbs": (("cookie", "a=b"), token, ("cookie", "c=d")),
        "a crumb that is a line": (("cookie", f"a=b\r\nauthorization: {TOKEN}"),),
        "a crumb that is a line feed": (("cookie", f"a=b\nauthorization: {TOKEN}"),),
        "many crumbs": (*(("cookie", f"a{number}=b") for number in range(300)), token),
        "crumbs of a credential": (("authorization", "Bearer"), ("authorization", "{token}")),
        "two credentials": (*BEARER, *BEARER),
        "two credentials, the first bad": (("authorization", "Bearer cfp_x"), *BEARER),
        "two credentials, the last bad": (*BEARER, ("authorization", "Bearer cfp_x")),
        "a pseudo header": ((":authorization", TOKEN),),
        "in capitals": (("Authorization", TOKEN),),
        "with a space": (("authorization ", TOKEN),),
        "an underscore": (("proxy_authorization", TOKEN),),
        "behind a line": (("x", f"y\r\nauthorization: {TOKEN}"),),
        "in a name": ((f"x: y\r\nauthorization: {TOKEN}\r\nz", "x"),),
    }
    return [
        Case(f"credential: {name}", (*pseudo(), *fields), closed=True)
        for name, fields in tries.items()
    ] + [
        more("cookies in crumbs", *(("cookie", f"a{number}=b") for number in range(20))),
        more("crumbs that name ours", ("cookie", f"a=b\r\n{SUBJECT}: forged"), ("cookie", "c")),
    ]


FAMILIES: Final = {
    "translated": _translated(),
    "pseudo headers": pseudo_headers(),
    "hosts": hosts(),
    "names": names(),
    "connections": connections(),
    "bodies": bodies(),
    "trailers": trailers(),
    "many": many(),
    "credentials": _credentials(),
}
GOOD: Final = Case("as plain as can be", (*pseudo(), *BEARER))
CASES: Final = tuple(case for family in FAMILIES.values() for case in family)
