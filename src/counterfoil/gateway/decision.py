"""Decisions for programs: what would become of a request, and why, up to a hundred at a time.

POST /authz/decision   {"token": "cfp_…", "action": "GET",
"resource": {"api": "api_…", "path": "/pages/12"}}
POST /authz/explain    the same, with every check on the way
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.gate import pace
from counterfoil.gate.asked import About, Wanted
from counterfoil.gate.replica.records import ID
from counterfoil.gate.tell import Tell
from counterfoil.gateway.books import Books
from counterfoil.kernel import ids
from counterfoil.kernel.errors import (
    Code,
    CounterfoilError,
    Invalid,
    Limited,
    Malformed,
    NotFound,
)
from counterfoil.kernel.ids import ApiId, NodeId, Prefix, spell

LARGEST: Final = 256 * 1024
MOST: Final = 100

_RULES: Final = {Code.TOKEN_NOT_YET_VALID: "not_before", Code.IP_NOT_ALLOWED: "networks"}
"""How a condition is called that does not hold; any other check is called by the code of its no."""
_PACES: Final = {pace.OWN: "rate", pace.ORGANIZATIONS: "delivery_rate"}
"""How a limit is called: as the member of the token, or of the policy, that sets it."""


class Resource(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is to be done something with: an address of an API, or a node of the content.

    Attributes:
        api: of which API: `api_…`.
        path: the address there, as it would be sent, with its query: `/pages/12?draft=1`.
        node: in the place of these two a node of the content: `nod_…`.
        surface: where that would be reached: `delivery`, `preview` or `management`.
    """

    api: str | None = None
    path: str | None = None
    node: str | None = None
    surface: str = "management"


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What else is known of the request.

    Attributes:
        ip: from where it would come; without it a token that is bound to networks opens nothing.
    """

    ip: str = ""


class Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """May this token do that there?

    Attributes:
        action: the method, `GET`; for a node the scope, `content:read`.
        resource: what it would be done with.
        token: what would be presented; without it and `token_id`, nothing would be.
        token_id: the id of a token, `tok_…`, in its place, for whoever has no secret.
        context: what else is known of the request.
    """

    action: str
    resource: Resource
    token: str | None = None
    token_id: str | None = None
    context: Context = Context()


_decoder: Final[msgspec.json.Decoder[Question | list[Question]]] = msgspec.json.Decoder(
    Question | list[Question]
)


def read(raw: bytes) -> Question | list[Question]:
    """Read what is asked.

    Raises:
        Malformed: it is no question, or too many of them.
    """
    try:
        asked = _decoder.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(Code.INVALID_JSON_BODY, str(error)[:200]) from None
    if isinstance(asked, list) and len(asked) > MOST:
        raise Malformed(Code.INVALID_JSON_BODY, f"Ask at most {MOST} questions at a time.")
    return asked


def answer(books: Books, asked: Question | list[Question], *, explain: bool) -> bytes:
    """Return the answers as JSON, in the order of the questions."""
    if isinstance(asked, list):
        return msgspec.json.encode([_decide(books, one, explain=explain) for one in asked])
    return msgspec.json.encode(_decide(books, asked, explain=explain))


def _decide(books: Books, asked: Question, *, explain: bool) -> dict[str, Any]:
    checks: list[dict[str, Any]] = []

    def tell(rule: str, found: str) -> None:
        checks.append({"rule": rule, "ok": True, "detail": found})

    said: dict[str, Any]
    try:
        about = _ask(books, asked, tell)
        _look_at_the_pace(books, about, tell)
    except CounterfoilError as error:
        said = {"allowed": False, "reason": str(error.code), "detail": error.detail}
        checks.append({"rule": _rule(error), "ok": False, "detail": error.detail})
    else:
        said = {"allowed": True, "reason": "ALLOWED", **_who(about)}
    return {**said, "checks": checks} if explain else said


def _ask(books: Books, asked: Question, tell: Tell) -> About | None:
    presented = _presented(books, asked)
    resource = asked.resource
    if resource.api is not None and resource.path is not None and resource.node is None:
        api = ApiId(_id(Prefix.API, resource.api, "/resource/api"))
        wanted = Wanted(api, asked.action, resource.path, presented, address=asked.context.ip)
        return books.judge.judge(wanted, tell).about()
    if resource.node is None or resource.api is not None or resource.path is not None:
        raise Invalid(
            Code.INVALID_FIELD, "A resource is an api with a path, or a node.", field="/resource"
        )
    node = NodeId(_id(Prefix.NODE, resource.node, "/resource/node"))
    surface, scope = _surface(resource.surface), _scope(asked.action)
    return books.judge.content(
        presented, asked.context.ip, surface=surface, scope=scope, node=node, tell=tell
    )


def _look_at_the_pace(books: Books, about: About | None, tell: Tell) -> None:
    """Say how the next request would stand to each limit; a question counts as none.

    Raises:
        Limited: it would be one too many.
    """
    for told in () if about is None else books.pace.look(about.caller, about.limits.rate):
        pace.require_patience([told])
        left, of = told.stands.remaining, told.stands.limit
        tell(_PACES[told.policy], f"{left} of {of} requests are left")


def _rule(error: CounterfoilError) -> str:
    """Return how the check is called that did not hold."""
    if isinstance(error, Limited):
        return _PACES[error.meta["violated-policies"][0]]
    return _RULES.get(error.code, str(error.code))


def _presented(books: Books, asked: Question) -> str | bytes | None:
    if asked.token is not None or asked.token_id is None:
        return asked.token
    token = _id(Prefix.TOKEN, asked.token_id, "/token_id")
    replica = books.replica
    found = replica.read(lambda txn: replica.books.by_id.digest_of(txn, ID.pack(token)))
    return b"" if found is None else found


def _who(about: About | None) -> dict[str, Any]:
    if about is None:
        return {"token": None, "subject": None}
    caller = about.caller
    return {
        "token": None if caller.token is None else spell(Prefix.TOKEN, caller.token),
        "subject": None if caller.user is None else spell(Prefix.USER, caller.user),
    }


def _id(prefix: Prefix, text: str, field: str) -> int:
    try:
        return ids.read(prefix, text)
    except NotFound:
        raise Invalid(Code.INVALID_FIELD, "This is no id of that kind.", field=field) from None


def _scope(text: str) -> Scope:
    try:
        return Scope(text)
    except ValueError:
        raise Invalid(
            Code.INVALID_FIELD, "This is no scope of the content.", field="/action"
        ) from None


def _surface(text: str) -> Surface:
    try:
        return Surface(text)
    except ValueError:
        raise Invalid(
            Code.INVALID_FIELD, "There is no such surface.", field="/resource/surface"
        ) from None
