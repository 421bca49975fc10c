"""The reference of the gate: where it is asked, what is listed for it, what it says to whom.

What the code knows and nobody has described fails the build.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any, Final

from counterfoil.directory import rules_routes
from counterfoil.directory.routed import RouteTable
from counterfoil.gate.position import AT_LEAST_HEADER
from counterfoil.gateway import coming, decision, listener, original, refusal, wire
from counterfoil.gateway.assertion import LIFE_S
from counterfoil.gateway.identity import ASSERTION, NAMES
from counterfoil.kernel import errors
from counterfoil.routing import address, pattern, table
from tools.manual import HEAD, UndescribedError, members_of

_PROXIES: Final = {
    "/authz/nginx/api_…": ("nginx, by `auth_request`", original.NGINX),
    "/authz/forward/api_…": ("Caddy, Traefik", original.FORWARD),
    "/authz/envoy/api_…": ("Envoy, by the request itself behind this prefix", original.ENVOY),
}
_PROGRAMS: Final = {
    "/authz/watch/api_…/…": "with `--record`: a proxy that sends "
    "[a copy](../how-to/record-an-api.md) of each request behind this prefix, and heeds no answer; "
    "it is 403 in any case",
    "/authz/decision": "`POST`: [questions](#questions) of your programs",
    "/authz/explain": "`POST`: the same, answered with every check",
    "/livez": "whether the process answers",
    "/readyz": "whether it decides by what is kept up, or why not: of several gates ask those that "
    "are ready; [one alone](../how-to/keep-it-running.md#on-kubernetes) goes on to be asked",
    "/metrics": "[numbers](../how-to/keep-it-running.md#numbers-for-prometheus) for Prometheus; "
    "with `--metrics-secret-file` for whoever presents that secret as a bearer, which opens "
    "nothing else",
    "/.well-known/jwks.json": "with `--assertions`: the key that verifies them; asks for no secret",
}
_STATUSES: Final[Mapping[type[errors.CounterfoilError], str]] = {
    errors.Malformed: "a request that could be read in two ways, or with two credentials",
    errors.Refused: "no token, whatever the route, or none in force: `WWW-Authenticate` says what "
    "to get",
    errors.Denied: "a token in force that may not do this there, or a route that is not listed; "
    "for everybody, where the gate knows no routes of the API",
    errors.NotFound: "the proxy asked at an address that the gate does not have",
    errors.Limited: "one request too many, of the token's rate or the policy's: `Retry-After`",
    errors.Unserved: "the gate cannot know: no books, no lease, or nowhere to put it on record",
}
_HEADERS: Final = {
    "Counterfoil-Subject": "in whose name, `usr_…`; empty for a token that is nobody's own",
    "Counterfoil-Organization": "where the token acts, `org_…`",
    "Counterfoil-Token-Id": "which token, `tok_…`",
    "Counterfoil-Token-Name": "what it is called now; what is no plain ASCII is escaped as in URLs",
    "Counterfoil-Token-Kind": "`personal`, `service`, `exchanged` or `session`",
    "Counterfoil-Scopes": "the API's scopes that it holds somewhere, parted by spaces",
    "Counterfoil-Roots": "its roots, `nod_…`, parted by spaces; `none` where they cover nothing",
    "Counterfoil-Late": "for how many seconds the gate had no lease, in an API's grace; else empty",
    "Counterfoil-Request-Id": "under which the request stands in the audit log",
    "Counterfoil-Assertion": "the signed word on who sent it; empty without `--assertions`",
}
CLAIMS: Final = {
    "iss": "`counterfoil-gate`",
    "aud": "which API it is good for, `api_…`",
    "iat": "when it was signed",
    "exp": f"until when it is good: {LIFE_S} seconds later",
    "htm": "the method for which it is good",
    "htu": "the address for which it is good, as it was sent, with its query",
    "org": "where the token acts, `org_…`",
    "kind": "as in `Counterfoil-Token-Kind`",
    "scope": "as in `Counterfoil-Scopes`",
    "roots": "as in `Counterfoil-Roots`: empty for a token without roots. It is never absent: "
    "refuse an assertion without it, which is an older gate's",
    "sub": "in whose name, `usr_…`; absent for a token that is nobody's own",
    "token": "which token, `tok_…`",
}
_STEPS: Final = {
    "/pages": "this address alone; `/pages/` is another one",
    "/pages/{page}": "one step there, whatever it says",
    "/files/{path...}": "all that is left, several steps or one; it stands at the end",
    "/{path...}": "every address",
}
_PLACES: Final = {
    pattern.Whole.EVERYWHERE: "no node in particular: the scope must hold everywhere, "
    "so tokens with roots do not pass",
    pattern.Whole.ANY: "nodes do not matter: whoever holds the scope somewhere passes, and the API "
    "sees to the rest by `Counterfoil-Roots`, or by the claim `roots` of the assertion",
    pattern.Whole.PATH: "the deepest node whose key is the address or the beginning of it: `/a/b`, "
    "`/a`, `/`",
}
_TEMPLATES: Final = {
    "{page}": "the node whose key is this parameter of the path",
    "{?parent}": "… this parameter of the query",
    "{owner}/{repository}": "… what these make together",
}
_ANSWER: Final = {
    "allowed": "whether it would pass",
    "reason": "`ALLOWED`, or the [code](errors.md) of the refusal; `NOT_READY` where nobody knows",
    "detail": "the same as a sentence, where it would not",
    "token": "the token's id, where it would; null if none was presented",
    "subject": "in whose name, where it would; null if in nobody's",
    "checks": "at `/authz/explain`: each check in its order, as `rule`, `ok` and `detail`, up to "
    "the one that failed, which is called by its condition (`not_before`, `networks`, `rate`, "
    "`delivery_rate`) or by its code",
}


def gate_page() -> str:
    """Return what may be asked of the gate and declared for it, and what it says.

    Raises:
        UndescribedError: for something that is not described.
    """
    return "\n".join([
        HEAD + "# The gate\n",
        "How it is put in front of an API is told [step by step](../how-to/protect-an-api.md).\n",
        *_asked(),
        *_listed(),
        *_said(),
        *_questions(),
    ]) + "\n"  # fmt: skip


def _asked() -> Iterator[str]:
    yield "## Where it is asked\n"
    yield "Whoever asks is believed, so with `--secret-file` all but `/livez`, `/readyz` and the"
    yield "key ask for `Counterfoil-Gate-Secret`. With `--api` no address has to name the API."
    yield "A proxy asks by any method. What the gate says of itself is asked for by `GET`"
    yield "or `HEAD`; any other method hears 405, and in `Allow` which there are.\n"
    yield "| address | asked by | reads of the proxy |"
    yield "|---|---|---|"
    for path, (who, words) in _PROXIES.items():
        yield f"| `{path}` | {who} | {', '.join(map(_header, words))} |"
    for path, who in _PROGRAMS.items():
        yield f"| `{path}` | {who} | |"
    yield "\nIt speaks HTTP/1.1, by the methods that are registered for it. A head has up to"
    yield f"{coming.HEAD_BYTES:,} bytes and {coming.HEADERS} headers (431), a process"
    yield f"{listener.MOST} connections at a time, and all of them {wire.ROOM_BYTES >> 20} MiB of"
    yield "requests that are not whole (503). Of what comes together on one it reads"
    yield f"{wire.SLICE_BYTES:,} bytes in turns with the others. One that rests is ended after"
    yield f"{listener.IDLE_S:.0f} seconds, one"
    yield f"amid a request after {listener.AMID_S:.0f}. What can be read in two ways is answered"
    yield "400, and nothing after it on its connection."


def _listed() -> Iterator[str]:
    yield "\n## The table of routes\n"
    yield "What it does not list is closed. Where several paths fit, the most exact one decides,"
    yield "read from the left: a word before a parameter, a parameter before the rest. It decides"
    yield "alone: a method that it does not list is closed, whatever a wider path lists. A step"
    yield "that is a listed word but for its case is refused.\n"
    names = [one.name for one in fields(table.Route)]
    yield from _rows("a route has", members_of(table.Route, names), names)
    methods = ", ".join(f"`{one}`" for one in table.METHODS)
    yield f"\nMethods are {methods}, or what else your API takes in capital letters, but"
    yield "for `TRACE` and `CONNECT`: a misspelt one is a method that nobody sends."
    yield "Beside the routes stand:\n"
    names = ["preflights", "grace_seconds"]
    yield from _rows("an API has", members_of(RouteTable, names), names)
    yield "\n| `path` | fits |\n|---|---|"
    yield from (f"| `{path}` | {what} |" for path, what in _STEPS.items())
    yield "\n| `node` | the request is about |\n|---|---|"
    for place in pattern.Whole:
        yield f"| {f'`{place.value}`' if place.value else 'absent'} | {_known(_PLACES, place)} |"
    yield from (f"| `{text}` | {what} |" for text, what in _TEMPLATES.items())
    yield "\n| at most | |\n|---|---|"
    yield from (f"| {bound:,} | {what} |" for what, bound in _bounds().items())


def _said() -> Iterator[str]:
    yield "\n## What the client hears\n"
    yield "A body in JSON with a [code](errors.md), and with a sentence where that does not say it"
    yield "all; the scope that a route asks for is in its `meta`. nginx knows 200, 401 and 403"
    yield f"alone: it is told the status in `{refusal.STATUS}` and the body in `{refusal.ERROR}`,"
    yield "and our configuration makes the answer of them. A client that must not be judged by"
    yield f"books from before a position says `{AT_LEAST_HEADER}: 1071`: a gate that is not there"
    yield "yet waits for a tenth of a second, and then says 503.\n"
    yield "| status | |\n|---|---|"
    for kind, status in refusal.STATUSES.items():
        yield f"| {status} | {_known(_STATUSES, kind)} |"
    yield "\n## What the API hears\n"
    yield "All of these stand in every request that passes, empty where there is nothing to say."
    yield "nginx and Caddy leave an empty one out on its way to the API, Envoy and Traefik send it:"
    yield "so a missing one says the same as an empty one. No client's own arrives in its place.\n"
    yield "| header | |\n|---|---|"
    yield from (f"| `{name}` | {_known(_HEADERS, name)} |" for name in (*NAMES, ASSERTION))
    yield "\nThe assertion is a JSON Web Token, signed with Ed25519 (`EdDSA`), of the type"
    yield "`counterfoil+jwt`. It is no credential: no door of ours takes it. It says:\n"
    yield "| claim | |\n|---|---|"
    yield from (f"| `{name}` | {what} |" for name, what in CLAIMS.items())


def _questions() -> Iterator[str]:
    yield "\n## Questions\n"
    yield f"One question, or a list of up to {decision.MOST}, in a body of up to"
    yield f"{decision.LARGEST:,} bytes; as many answers, in the same order. A member that is not"
    yield "listed here is refused, and so is the whole list. A question counts in no limit, is no"
    yield "use of the token and goes on no record."
    yield "[How to ask](../how-to/ask-the-gate.md) shows some.\n"
    for title, of in (
        ("a question has", decision.Question),
        ("`resource` has", decision.Resource),
        ("`context` has", decision.Context),
    ):
        yield from _rows(title, members_of(of, of.__struct_fields__), of.__struct_fields__)
        yield ""
    yield from _rows("an answer has", _ANSWER, _ANSWER)


def _rows(title: str, told: Mapping[str, str], names: Iterable[str]) -> Iterator[str]:
    """Yield a table of members, in this order."""
    yield f"| {title} | |\n|---|---|"
    yield from (f"| `{name}` | {told[name]} |" for name in names)


def _known(told: Mapping[Any, str], name: object) -> str:
    if name not in told:
        raise UndescribedError(str(name))
    return told[name]


def _header(key: str) -> str:
    """Return how a header is written of which WSGI has a key of the environment."""
    if not key.startswith("HTTP_"):
        return "its own method"
    words = key.removeprefix("HTTP_").replace("_", "-").title()
    return f"`{words.replace('Uri', 'URI')}`"


def _bounds() -> dict[str, int]:
    return {
        "routes of an API": table.MOST_ROUTES,
        "resources of its tree": rules_routes.MOST_RESOURCES,
        "levels of it": rules_routes.DEEPEST,
        "characters of a key": rules_routes.KEY_CHARS,
        "characters of an address that is asked about": address.MOST_CHARS,
        "steps of its path": address.MOST_STEPS,
        "seconds of grace": rules_routes.LONGEST_GRACE_S,
    }
