"""Notices over HTTP: what one was told, and what comes by mail."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, Instant, One, Paged
from counterfoil.jsonapi.parameter import FLAG, PAGING, Parameter, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.ids import NoticeId, Prefix
from counterfoil.notices.choose import choose, show_choice
from counterfoil.notices.model import Kind, Notice
from counterfoil.notices.read import list_notices, read_all, read_notice

_PATH: Final = "/cma/notices"
_CHOICE: Final = "/cma/notice_choice"
_UNREAD: Final = "filter[unread]"
_route = partial(Route, section="Notices")


class NoticeFacts(Given, frozen=True):
    """What is told, in a sentence; `about` names what it is about, `facts` the rest."""

    kind: str
    title: str
    about: str
    facts: dict[str, str | int | bool | None]
    created_at: Instant
    read_at: Instant | None
    settled_at: Instant | None


class NoticeShown(Given, frozen=True, tag_field="type", tag="notice"):
    """One thing that one was told."""

    id: Id
    attributes: NoticeFacts


class ReadCount(Given, frozen=True):
    """How many notices were unread."""

    read: int


class AllRead(Given, frozen=True):
    """All of one's notices are read now."""

    data: None
    meta: ReadCount


class ChoiceFacts(Given, frozen=True):
    """Which kinds come by mail; those of security always do."""

    mail: dict[str, bool]


class NoticeChoice(Given, frozen=True, tag_field="type", tag="notice_choice"):
    """What one has chosen; its id is one's own."""

    id: Id
    attributes: ChoiceFacts


class ChoiceAttributes(Body, frozen=True):
    """Kinds that shall come by mail, or not; the others stay."""

    mail: dict[str, bool]


class ChoiceData(Body, frozen=True):
    """A choice."""

    type: Literal["notice_choice"]
    attributes: ChoiceAttributes


class ChoiceBody(Body, frozen=True):
    """A document with a choice."""

    data: ChoiceData


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/notices."""
    wanted = cursor.wanted(asked, _PATH)
    unread = asked.query.boolean(_UNREAD)
    with asked.read() as work:
        page = list_notices(work, wanted, unread=bool(unread))
    return Answer(200, cursor.paged(asked, _PATH, page, [_shown(one) for one in page.items]))


def marked(asked: Asked) -> Answer:
    """Answer POST /cma/notices/{id}/read."""
    id_ = NoticeId(ids.read(Prefix.NOTICE, asked.params["id"]))
    with asked.work() as work:
        done = read_notice(work, id_)
    return Answer(200, One(_shown(done)))


def all_marked(asked: Asked) -> Answer:
    """Answer POST /cma/notices/read_all."""
    with asked.work() as work:
        count = read_all(work)
    return Answer(200, AllRead(data=None, meta=ReadCount(read=count)))


def choice(asked: Asked) -> Answer:
    """Answer GET /cma/notice_choice."""
    with asked.read() as work:
        return Answer(200, One(_chosen(asked, show_choice(work))))


def chosen(asked: Asked) -> Answer:
    """Answer PATCH /cma/notice_choice."""
    wanted = asked.struct(ChoiceBody).data.attributes.mail
    with asked.work() as work:
        done = choose(work, wanted)
    return Answer(200, One(_chosen(asked, done)))


def _shown(one: Notice) -> NoticeShown:
    facts = NoticeFacts(
        kind=str(one.kind),
        title=one.title,
        about=one.about,
        facts=dict(one.facts),
        created_at=one.created_at,
        read_at=one.read_at,
        settled_at=one.settled_at,
    )
    return NoticeShown(id=str(one.id), attributes=facts)


def _chosen(asked: Asked, done: dict[Kind, bool]) -> NoticeChoice:
    mail = {str(kind): by_mail for kind, by_mail in done.items()}
    return NoticeChoice(id=str(asked.caller.user), attributes=ChoiceFacts(mail=mail))


ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "notice.list",
        "List what you were told here, the latest first",
        gives={200: Paged[NoticeShown]},
        query=(*PAGING, Parameter(_UNREAD, "Only what you have not read.", FLAG, "true")),
    ),
    _route(
        "POST",
        f"{_PATH}/read_all",
        all_marked,
        "notice.read_all",
        "Mark all that you were told here as read",
        gives={200: AllRead},
    ),
    _route(
        "POST",
        f"{_PATH}/{{id}}/read",
        marked,
        "notice.read",
        "Mark a notice as read",
        parts=(id_in("id", "The notice.", Prefix.NOTICE),),
        gives={200: One[NoticeShown]},
    ),
    _route(
        "GET",
        _CHOICE,
        choice,
        "notice.show_choice",
        "Show which kinds of notices come to you by mail",
        gives={200: One[NoticeChoice]},
    ),
    _route(
        "PATCH",
        _CHOICE,
        chosen,
        "notice.choose",
        "Choose which kinds of notices come to you by mail",
        gives={200: One[NoticeChoice]},
        takes=ChoiceBody,
        example={
            "data": {"type": "notice_choice", "attributes": {"mail": {"token_expired": False}}}
        },
    ),
)
"""What the office serves of notices."""
