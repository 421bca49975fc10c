"""Blocks of headers that HTTP/1.1 has no words for, or other words."""

from __future__ import annotations

from typing import Final

from support.framed import BEARER, END, HIDDEN, PLAIN, SUBJECT, TOKEN, Case, instead, more, pseudo
from support.raw_http2 import HOST
from support.smuggling import FORGED, IDENTITY

_PATHS: Final = (
    *("", "*", "admin", "items/17", "//admin", "/items/17 ", " /items/17", "/items/17\t"),
    *("http://api.test/admin", "https://api.test/admin", "https://api.test:443/items/17"),
    *("//api.test/admin", "/\\api.test/admin", "/admin#/items/17", "/items/17#/../../admin"),
    *("/admin HTTP/1.1", "/items/17 HTTP/1.1", "/items/17 HTTP/1.1\r\nX: /admin", "/admin\x00"),
    *(f"/items/17 HTTP/1.1{END}Host: a{END * 2}{HIDDEN}", f"/items/17{END}{SUBJECT}: forged"),
    *("/items/17\x00/admin", "/items/17\n/admin", "/items/17\r/admin", "/items/17\x7f", "/\xff"),
    *("/items/17\x0b", "/items/\x01", "/items/17;/admin", "/%61dmin", "/items/17/../../admin"),
    *("/garden/open/\x85/admin", "/garden/open/\xa0", "/garden/open\xc0\xae/admin", "?/items/17"),
    *("/items/17?\r\nx: y", "/items/17? HTTP/1.1\r\nx: y", "/items/17?a b", "/items/17?\x00"),
)
_AUTHORITIES: Final = (
    *("", "admin", "api.test/admin", "api.test/admin?", "api.test#", "api.test?/items/17", "a b"),
    *("user@api.test", "user:pass@api.test", "api.test:1", "api.test:443:443", "[::1]"),
    "api.test,b",
    *(f"api.test{END}{SUBJECT}: forged", f"api.test{END * 2}{HIDDEN}", "api.test\x00", "\\admin"),
    *("api.test\n", " api.test", "API.TEST", "api.test.", "xn--", "%61pi.test", "localhost:8401"),
)
_METHODS: Final = (
    *("", "get", "GET ", " GET", "Get", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"),
    "PRI",
    *("GET /admin HTTP/1.1\r\nX:", "GET /admin", "GET\r\n", "GET\x00", "GET\tDELETE", "GET,DELETE"),
    *(f"GET /items/17 HTTP/1.1{END}Host: a{END * 2}GET", "\xff", "POST", "PATCH", "PROPFIND"),
)
_SCHEMES: Final = (
    *("", "http", "HTTPS", "ftp", "file", "javascript", "https://api.test/admin?x="),
    "http\r\nx: y",
    *("https://api.test/admin HTTP/1.1\r\nX: ", "https ", "http://a/admin#", "wss", "a/b", "\x00"),
)


def pseudo_headers() -> list[Case]:
    cases = [instead(f":path {one!r}", path=one) for one in _PATHS]
    cases += [instead(f":authority {one!r}", authority=one) for one in _AUTHORITIES]
    cases += [instead(f":method {one!r}", method=one) for one in _METHODS]
    cases += [instead(f":scheme {one!r}", scheme=one) for one in _SCHEMES]
    cases += [instead(f":scheme {one!r} to /admin", scheme=one, path="/admin") for one in _SCHEMES]
    other = {
        ":method": ("DELETE", "GET"),
        ":path": ("/admin", "/items/17"),
        ":scheme": ("http", "https"),
        ":authority": ("admin.test", HOST),
    }
    for name, values in other.items():
        without = tuple(field for field in pseudo() if field[0] != name)
        cases.append(Case(f"no {name}", (*without, *BEARER)))
        for value in values:
            said = (name, value)
            cases += [
                Case(f"{name} twice, {value} before", (said, *PLAIN)),
                Case(f"{name} twice, {value} after", (*pseudo(), said, *BEARER)),
                Case(f"{name} late, {value}", (*without, *BEARER, said)),
                Case(f"{name} late and twice, {value}", (*PLAIN, said)),
                Case(f"{name} behind its block, {value}", PLAIN, b"x", (said,)),
                Case(f"{name} in capitals, {value}", (*PLAIN, (name.upper(), value))),
                Case(f"{name} with a space, {value}", (*PLAIN, (f"{name} ", value))),
                Case(f"{name} as no pseudo header, {value}", (*PLAIN, (name[1:], value))),
            ]
    return cases + _forged_pseudo_headers()


def _forged_pseudo_headers() -> list[Case]:
    names = (
        *(":", "::", ":status", ":protocol", ":host", ":uri", ":url", ":x", ":authorization"),
        *(":x-original-uri", ":x-forwarded-uri", ":connection", ": path", ":path:", ":Path"),
        *(f":{name.lower()}" for name in IDENTITY),
    )
    values = ("/admin", "websocket", TOKEN)
    cases = [
        Case(f"{name!r}: {value} {where}", fields)
        for name in names
        for value in values
        for where, fields in (
            ("first", ((name, value), *PLAIN)),
            ("last", (*PLAIN, (name, value))),
        )
    ]
    up = (*pseudo("CONNECT"), (":protocol", "websocket"), *BEARER)
    cases += [
        Case("CONNECT to an address", ((":method", "CONNECT"), (":authority", HOST), *BEARER)),
        Case("CONNECT with a protocol", up),
        Case("CONNECT with a protocol and more", (*up, (SUBJECT, FORGED))),
    ]
    return cases


_HOSTS: Final = (
    *("", "admin.test", "api.test", "api.test/admin", "API.TEST", "a, b", f"api.test{END}x: y"),
    *("localhost", "127.0.0.1:8401", "api.test\x00", "api.test:443", "user@api.test"),
)


def hosts() -> list[Case]:
    without = tuple(field for field in pseudo() if field[0] != ":authority")
    cases = []
    for host in _HOSTS:
        said = ("host", host)
        cases += [
            more(f"host {host!r}", said),
            Case(f"host {host!r} first", (said, *PLAIN)),
            Case(f"host {host!r} alone", (*without, said, *BEARER)),
            Case(f"host {host!r} twice", (*without, said, said, *BEARER)),
            Case(f"host {host!r} and another", (*without, said, ("host", HOST), *BEARER)),
            Case(f"host {host!r} to no authority", (*pseudo(authority=""), said, *BEARER)),
            Case(f"host {host!r} at /admin", (*pseudo(path="/admin"), said, *BEARER)),
        ]
    return cases


_MEANT: Final = (
    *(SUBJECT, "counterfoil-roots", "counterfoil-assertion"),
    *("x-original-uri", "x-original-url", "x-forwarded-uri", "x-rewrite-url"),
    *("x-http-method-override", "x-forwarded-method"),
)
_SIGNS: Final = ("!", "#", "$", "%", "&", "'", "*", "+", ".", "^", "_", "`", "|", "~")
"""What a name may hold besides letters, digits and a hyphen; some readers take it for one."""


def _spellings(name: str) -> tuple[str, ...]:
    """Names that HTTP/2 has no room for, and names in which a reader may find this one."""
    return (
        *(name.upper(), name.title(), f"{name}\x00", f"\x00{name}", f"{name} ", f" {name}"),
        *(f"{name}:", f"{name}\t", f"\t{name}", f"{name}\r\n", f"{name}\n", f"\r\n{name}"),
        *(f"x\r\n{name}", f"x: y\r\n{name}", f"x\n{name}", f"x\r{name}", f"{name}: forged\r\nx"),
        *(f"{name}\x7f", f"{name}\xff", f"{name}\xa0", f"({name})", f'"{name}"', f"{name},x"),
        *(name.replace("-", sign) for sign in ("\xad", "\x00", " ", "\xb7", "--", *_SIGNS)),
        *(name.replace("o", "\xf8"), f"{name}-", f"-{name}"),
    )


def names() -> list[Case]:
    """Headers that say who sent it or what is wanted, as a name, and within another's value."""
    cases = []
    for name in _MEANT:
        cases += [more(f"{one!r}: forged", (one, FORGED)) for one in _spellings(name)]
        cases += [
            more(f"{name}: forged behind {end!r} in a value", ("x", f"y{end}{name}: forged{end}"))
            for end in ("\r\n", "\n", "\r", "\x00", "\r\n\r\n", "\x0b", "\x85", "\r\n ")
        ]
        cases += [
            more(f"{name}: {value!r}", (name, value))
            for value in ("\x00", "\r\n", "\n forged", " forged", "\x7fforged", "\xff", "")
        ]
    return cases + _injected()


def _injected() -> list[Case]:
    cases = [
        more(f"a name of {name!r}", (name, "x"))
        for name in ("", " ", "\x00", "\r\n", "\r\n\r\n", HIDDEN, f"x: y{END * 2}{HIDDEN}")
    ]
    cases += [
        more(f"{value!r} in a value", ("x", value))
        for value in (f"y{END * 2}{HIDDEN}", f"y\n\n{HIDDEN}", f"y{END}{HIDDEN}")
    ]
    cases += [
        Case(f"a token and {end!r}", (*pseudo(), ("authorization", f"{TOKEN}{end}x")), closed=True)
        for end in ("\r\n", "\n", "\x00")
    ]
    return cases


def connections() -> list[Case]:
    """What belongs to a connection of HTTP/1.1, which here is none."""
    cases = []
    for name in ("connection", "keep-alive", "proxy-connection", "upgrade", "te", "trailer"):
        values = ("close", "keep-alive", "upgrade, http2-settings", "h2c", "trailers", "chunked")
        cases += [more(f"{name}: {value}", (name, value)) for value in values]
        for one in IDENTITY:
            low = one.lower()
            cases += [
                more(f"{name}: {value}", (name, value))
                for value in (low, f"close, {low}", f"trailers, {low}", f"{low}\r\n{low}: forged")
            ]
            cases.append(more(f"{name}: {low}, and it", (name, low), (low, FORGED)))
    for value in ("authorization", "host", "x-original-uri", "x-forwarded-uri", "content-length"):
        cases.append(more(f"connection: {value}", ("connection", value)))
    cases.append(more("upgrading", ("connection", "upgrade"), ("upgrade", "websocket")))
    return cases
