"""What stands behind a block of headers in HTTP/2, and how much of all there may be."""

from __future__ import annotations

from typing import Final

from support.framed import BEARER, END, HIDDEN, PLAIN, SUBJECT, TOKEN, Case, instead, more, pseudo
from support.smuggling import FORGED, IDENTITY

_LENGTHS: Final = (
    *("0", "1", "4", "1000", "-1", "+0", "0x10", "", " 5", "5 ", "5, 5", "5,0"),
    "99999999999999999999",
    *("5\r\nx: y", "\x00", "5\x00", "1e1", "0\r\n\r\n", f"0\r\n\r\n{HIDDEN}"),
)
_ENCODINGS: Final = (
    *("chunked", "Chunked", "identity", "gzip, chunked", "chunked, identity", "xchunked", ""),
    "\tchunked",
    *(" chunked", "chunked\r\nx: y", "chunked\x00", "chunked, chunked", "\x0bchunked"),
)


def bodies() -> list[Case]:
    """A second request in the body, for whoever believes a length rather than the frames."""
    hidden = HIDDEN.encode()
    cases = []
    for method in ("GET", "POST", "PUT", "HEAD"):
        start = (*pseudo(method), *BEARER)
        for body in (hidden, b"0\r\n\r\n" + hidden):
            cases.append(Case(f"{method}, no length, {len(body)}", start, body))
            said = [("content-length", one) for one in (*_LENGTHS, str(len(body)))]
            said += [("transfer-encoding", one) for one in _ENCODINGS]
            said += [("transfer_encoding", "chunked"), ("transfer-encoding ", "chunked")]
            said += [("Transfer-Encoding", "chunked"), ("x\r\ntransfer-encoding", "chunked")]
            said += [("x", "y\r\ntransfer-encoding: chunked"), ("expect", "100-continue")]
            cases += [
                Case(f"{method}, {name!r}: {value!r}, {len(body)}", (*start, (name, value)), body)
                for name, value in said
            ]
            both = (("content-length", str(len(body))), ("transfer-encoding", "chunked"))
            cases += [
                Case(f"{method}, both, {len(body)}", (*start, *both), body),
                Case(
                    f"{method}, two lengths, {len(body)}",
                    (*start, both[0], ("content-length", "0")),
                    body,
                ),
                Case(
                    f"{method}, two lengths turned, {len(body)}",
                    (*start, ("content-length", "0"), both[0]),
                    body,
                ),
            ]
        cases += [
            Case(f"{method}, {value!r} and no body", (*start, ("content-length", value)))
            for value in _LENGTHS
        ]
    return cases


def trailers() -> list[Case]:
    """What is said after a body, for whoever takes it for said before."""
    said = {name.lower(): FORGED for name in IDENTITY} | {
        "authorization": TOKEN,
        "x-http-method-override": "DELETE",
        "x-original-uri": "/admin",
        "content-length": "0",
        "transfer-encoding": "chunked",
        "host": "admin.test",
        "cookie": "a=b",
        "counterfoil_subject": FORGED,
        "Counterfoil-Subject": FORGED,
        "x\r\ncounterfoil-subject": FORGED,
        "x": f"y{END}{SUBJECT}: forged",
        "x-": f"y{END * 2}{HIDDEN}",
        "": FORGED,
    }
    cases = []
    for name, value in said.items():
        field, names = (name, value), ("trailer", name)
        for body in (b"", b"x"):
            cases += [
                Case(f"behind {body!r}: {name!r}", PLAIN, body, (field,)),
                Case(f"announced, {body!r}: {name!r}", (*PLAIN, names), body, (field,)),
                Case(
                    f"announced with te, {body!r}: {name!r}",
                    (*PLAIN, names, ("te", "trailers")),
                    body,
                    (field, field),
                ),
                Case(
                    f"by nobody, {body!r}: {name!r}",
                    (*pseudo(path="/health"), names),
                    body,
                    (field,),
                ),
                Case(
                    f"at /admin, {body!r}: {name!r}",
                    (*pseudo(path="/admin"), *BEARER),
                    body,
                    (field,),
                ),
            ]
    late = (("authorization", TOKEN),)
    cases.append(Case("the credential in a trailer", pseudo(), b"x", late, closed=True))
    return cases


def many() -> list[Case]:
    """More than anybody reads, with ours among it."""
    cases = []
    for count in (70, 99, 200, 1_000, 5_000):
        plain = tuple((f"x-{number}", "y") for number in range(count))
        same = (("x", "y"),) * count
        for forged in (SUBJECT, "counterfoil-roots", "x-original-uri", "counterfoil_subject"):
            field = (forged, FORGED)
            cases += [
                Case(f"{count} and then {forged}", (*PLAIN, *plain, field)),
                Case(f"{forged} and then {count}", (*PLAIN, field, *plain)),
                Case(f"{count} times {forged}", (*PLAIN, *(field,) * count)),
                Case(f"{count} times x, {forged}", (*PLAIN, *same, field)),
                Case(
                    f"{count} before the credential, {forged}", (*pseudo(), *plain, field, *BEARER)
                ),
            ]
    for size in (4_000, 8_200, 17_000, 70_000):
        long = "a" * size
        cases += [
            more(f"a value of {size}", ("x", long), (SUBJECT, FORGED)),
            more(f"ours of {size}", (SUBJECT, long)),
            more(f"a name of {size}", (long, "x"), (SUBJECT, FORGED)),
            instead(f"an address of {size}", path=f"/garden/open/{long}/../../../admin"),
            instead(f"a query of {size}", path=f"/items/17?{long}"),
            instead(f"a host of {size}", authority=long),
        ]
    return cases
