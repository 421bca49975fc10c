"""Webhooks over HTTP, and what they were told."""

from __future__ import annotations

from functools import partial
from typing import Final

from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.body import require_same_id
from counterfoil.jsonapi.given import Many, Once, One, Paged, etag
from counterfoil.jsonapi.parameter import PAGING, SAMPLE, id_in
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel import ids
from counterfoil.kernel.errors import Code
from counterfoil.kernel.ids import MessageId, Prefix, WebhookId
from counterfoil.webhooks.change import edit_webhook
from counterfoil.webhooks.doors.wire import (
    MessageShown,
    NewWebhookBody,
    WebhookBody,
    WebhookShown,
    show,
    show_message,
    wish_of,
)
from counterfoil.webhooks.register import create_webhook
from counterfoil.webhooks.remove import delete_webhook
from counterfoil.webhooks.resend import resend
from counterfoil.webhooks.rotate import rotate_secret
from counterfoil.webhooks.show import list_messages, list_webhooks, show_webhook
from counterfoil.webhooks.steps.seen import Seen

_PATH: Final = "/cma/webhooks"
_ONE: Final = f"{_PATH}/{{id}}"
_route = partial(Route, section="Webhooks")


def listed(asked: Asked) -> Answer:
    """Answer GET /cma/webhooks: all of them, without pages."""
    with asked.read() as work:
        found = list_webhooks(work)
    return Answer(200, Many([show(one) for one in found]))


def created(asked: Asked) -> Answer:
    """Answer POST /cma/webhooks: the secret is shown once."""
    wish = wish_of(asked.struct(NewWebhookBody).data.attributes)
    with asked.work() as work:
        made = create_webhook(work, wish, asked.office.reaches)
    headers = {"Location": f"{_PATH}/{made.webhook.id}", **etag(made.webhook.version)}
    return Answer(201, Once(show(made)), headers, secret=True)


def shown(asked: Asked) -> Answer:
    """Answer GET /cma/webhooks/{id}."""
    with asked.read() as work:
        found = show_webhook(work, _id(asked))
    return _answer(found)


def changed(asked: Asked) -> Answer:
    """Answer PATCH /cma/webhooks/{id}: what is absent stays."""
    id_, data, expected = _id(asked), asked.struct(WebhookBody).data, asked.if_match()
    require_same_id(data.id, Prefix.WEBHOOK, id_)
    with asked.work() as work:
        done = edit_webhook(work, id_, wish_of(data.attributes), expected, asked.office.reaches)
    return _answer(done)


def rotated(asked: Asked) -> Answer:
    """Answer POST /cma/webhooks/{id}/rotate with the new secret, this once."""
    with asked.work() as work:
        done = rotate_secret(work, _id(asked), asked.if_match())
    return Answer(200, Once(show(done)), etag(done.webhook.version), secret=True)


def deleted(asked: Asked) -> Answer:
    """Answer DELETE /cma/webhooks/{id}."""
    with asked.work() as work:
        delete_webhook(work, _id(asked), asked.if_match())
    return Answer(204)


def messages(asked: Asked) -> Answer:
    """Answer GET /cma/webhooks/{id}/messages."""
    id_ = _id(asked)
    path = f"{_PATH}/{id_}/messages"
    wanted = cursor.wanted(asked, path)
    with asked.read() as work:
        page = list_messages(work, id_, wanted)
    return Answer(200, cursor.paged(asked, path, page, [show_message(one) for one in page.items]))


def sent_again(asked: Asked) -> Answer:
    """Answer POST /cma/webhooks/{id}/messages/{message}/resend: it is on its way."""
    message = MessageId(ids.read(Prefix.MESSAGE, asked.params["message"]))
    with asked.work() as work:
        done = resend(work, _id(asked), message)
    return Answer(202, One(show_message(done)))


def _id(asked: Asked) -> WebhookId:
    return WebhookId(ids.read(Prefix.WEBHOOK, asked.params["id"]))


def _answer(seen: Seen) -> Answer:
    return Answer(200, One(show(seen)), etag(seen.webhook.version))


_part = id_in("id", "The webhook.", Prefix.WEBHOOK)
_one = partial(_route, parts=(_part,), gives={200: One[WebhookShown]})

_NEW: Final = {
    "data": {
        "type": "webhook",
        "attributes": {
            "name": "Our chat",
            "url": "https://hooks.example.com/counterfoil",
            "events": ["token.created", "token.leaked"],
        },
    }
}
_CHANGED: Final = {
    "data": {"type": "webhook", "id": SAMPLE, "attributes": {"name": "The chat of security"}}
}

ROUTES: Final = (
    _route(
        "GET",
        _PATH,
        listed,
        "webhook.list",
        "List the webhooks",
        gives={200: Many[WebhookShown]},
    ),
    _route(
        "POST",
        _PATH,
        created,
        "webhook.create",
        "Register a webhook; its secret is shown once",
        gives={201: Once[WebhookShown]},
        takes=NewWebhookBody,
        example=_NEW,
        idempotent=True,
        fails=(Code.CONFLICT,),
    ),
    _one("GET", _ONE, shown, "webhook.show", "Show a webhook"),
    _one(
        "PATCH",
        _ONE,
        changed,
        "webhook.edit",
        "Change a webhook, or switch it off and on",
        takes=WebhookBody,
        example=_CHANGED,
        versioned=True,
    ),
    _route(
        "POST",
        f"{_ONE}/rotate",
        rotated,
        "webhook.rotate",
        "Replace the secret of a webhook; for a day messages are signed with both",
        parts=(_part,),
        gives={200: Once[WebhookShown]},
        idempotent=True,
        versioned=True,
    ),
    _route(
        "DELETE",
        _ONE,
        deleted,
        "webhook.delete",
        "Delete a webhook with all that it was told",
        parts=(_part,),
        gives={204: None},
        versioned=True,
    ),
    _route(
        "GET",
        f"{_ONE}/messages",
        messages,
        "webhook.list_messages",
        "List what a webhook was told or shall be, the latest first",
        parts=(_part,),
        gives={200: Paged[MessageShown]},
        query=PAGING,
    ),
    _route(
        "POST",
        f"{_ONE}/messages/{{message}}/resend",
        sent_again,
        "webhook.resend",
        "Send a message again, under its old id",
        parts=(_part, id_in("message", "Which of its messages.", Prefix.MESSAGE)),
        gives={202: One[MessageShown]},
        fails=(Code.CONFLICT,),
    ),
)
"""What the office serves of webhooks."""
