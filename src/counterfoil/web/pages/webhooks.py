"""Webhooks: which servers are told what becomes true here, and whether they hear it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.jsonapi import cursor
from counterfoil.jsonapi.parameter import PAGING, id_in
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel import ids
from counterfoil.kernel.ids import MessageId, Prefix, WebhookId
from counterfoil.runtime.outward import Failure
from counterfoil.web import crumbs, shell
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.sent_once import key_of, made_once
from counterfoil.web.views.token_view import Badge
from counterfoil.webhooks.change import edit_webhook
from counterfoil.webhooks.model import CHOOSABLE, EventKind, Standing, State
from counterfoil.webhooks.register import create_webhook
from counterfoil.webhooks.remove import delete_webhook
from counterfoil.webhooks.resend import resend
from counterfoil.webhooks.rotate import rotate_secret
from counterfoil.webhooks.show import list_messages, list_webhooks, show_webhook
from counterfoil.webhooks.steps.seen import Seen
from counterfoil.webhooks.wish import Wish

PATH: Final = "/webhooks"
_ONE: Final = "/webhooks/{id}"
_TITLE: Final = N_("Webhooks")
_NEW: Final = N_("Create webhook")

STANDINGS: Final = MappingProxyType(
    {
        Standing.ON: Badge(N_("On"), "dot", "good"),
        Standing.OFF: Badge(N_("Off"), "pause", "neutral"),
        Standing.OWNER_LEFT: Badge(N_("Off: its owner is shut out"), "alert", "warning"),
        Standing.OWNER_LACKS_SCOPE: Badge(N_("Its owner may not keep it"), "alert", "warning"),
    }
)
STATES: Final = MappingProxyType(
    {
        State.WAITING: Badge(N_("Waiting"), "clock", "warning"),
        State.DELIVERED: Badge(N_("Heard"), "check", "good"),
        State.GIVEN_UP: Badge(N_("Given up"), "cross", "bad"),
        State.WITHHELD: Badge(N_("Withheld"), "ring", "neutral"),
    }
)

EVENTS: Final = MappingProxyType(
    {
        EventKind.TOKEN_REQUESTED: N_("Somebody asks for a token"),
        EventKind.TOKEN_APPROVED: N_("A token is approved"),
        EventKind.TOKEN_DENIED: N_("A token is denied"),
        EventKind.TOKEN_CREATED: N_("A token is made"),
        EventKind.TOKEN_ROTATED: N_("A token gets another secret"),
        EventKind.TOKEN_EXPIRING: N_("A token ends soon"),
        EventKind.TOKEN_EXPIRED: N_("A token has ended"),
        EventKind.TOKEN_DISABLED: N_("A token is switched off"),
        EventKind.TOKEN_ENABLED: N_("A token is switched on again"),
        EventKind.TOKEN_REVOKED: N_("A token is revoked"),
        EventKind.TOKEN_ALL_REVOKED: N_("All tokens are revoked at once"),
        EventKind.TOKEN_LEAKED: N_("A token has leaked"),
        EventKind.TOKEN_ANOMALY: N_("Something is unlike a token"),
        EventKind.POLICY_CHANGED: N_("The policy is another"),
        EventKind.CONTENT_PUBLISHED: N_("An entry is published"),
        EventKind.CONTENT_UNPUBLISHED: N_("An entry is no longer published"),
        EventKind.AUDIT_RECORDED: N_("Anything goes on record: its entries of the audit log"),
        EventKind.PING: N_("The webhook is there"),
    }
)
"""What a server is told of."""

FAILURES: Final = MappingProxyType(
    {
        Failure.UNKNOWN_NAME: N_("No server has this name."),
        Failure.NOT_PUBLIC: N_("The name leads to an address that is not public."),
        Failure.NO_CONNECTION: N_("The server takes no connection."),
        Failure.NOT_TRUSTED: N_("The server shows no certificate that is trusted here."),
        Failure.TIMED_OUT: N_("The server took too long to answer."),
        Failure.NOT_HTTP: N_("What the server answered is no HTTP."),
    }
)
"""Why nobody heard a message, where there was no answer."""


def show(visit: Visit) -> Answer:
    """List the webhooks of the organization, with whether each is told anything."""
    with visit.read() as work:
        rows = list_webhooks(work)
    return visit.show("webhooks", rows=rows, standings=STANDINGS)


def blank(visit: Visit) -> Answer:
    """Show the form for another webhook."""
    with visit.read() as work:
        list_webhooks(work)  # who may list them may make them
    return visit.show("webhook_new", events=_events(visit), once=key_of(visit))


def create(visit: Visit) -> Answer:
    """Register the webhook and show its secret, once."""
    made = made_once(
        visit,
        lambda work: create_webhook(work, _wish_in(visit), visit.asked.office.reaches),
        lambda one: one.webhook.id,
    )
    if not isinstance(made, str):
        return _revealed(visit, made)
    told = visit.say("This form was sent before: here is the webhook. Its secret was shown then.")
    return visit.go(f"{PATH}/{made}", Notice(told, "neutral"))


def show_one(visit: Visit) -> Answer:
    """Show one webhook, what it was told, and what can be done to it."""
    asked, id_ = visit.asked, _id(visit)
    here = f"{PATH}/{id_}"
    wanted = cursor.wanted(asked, here)
    with visit.read() as work:
        hook = show_webhook(work, id_)
        told = list_messages(work, id_, wanted)
    further = None
    if told.after is not None:
        after = cursor.sealed(asked, here, told.after)
        further = crumbs.address(here, {}, {"page[after]": (after,)})
    return visit.show(
        "webhook",
        title=hook.webhook.name,
        hook=hook,
        badge=STANDINGS[hook.standing],
        rows=told.items,
        total=told.total or 0,
        further=further,
        states=STATES,
        failures=FAILURES,
        events=_events(visit),
        words=EVENTS,
    )


def edit(visit: Visit) -> Answer:
    """Change where it is told, what of, or what it is called."""
    with visit.work() as work:
        edit_webhook(work, _id(visit), _wish_in(visit), reaches=visit.asked.office.reaches)
    return visit.go(visit.here, Notice(visit.say("The webhook is changed.")))


def disable(visit: Visit) -> Answer:
    """Switch a webhook off."""
    return _switched(visit, N_("It is switched off: nothing more is sent."), on=False)


def enable(visit: Visit) -> Answer:
    """Switch a webhook on again, in one's own name."""
    return _switched(visit, N_("It is switched on, in your name."), on=True)


def rotate(visit: Visit) -> Answer:
    """Replace the secret of a webhook, and show the new one, once."""
    with visit.work() as work:
        done = rotate_secret(work, _id(visit))
    return _revealed(visit, done)


def again(visit: Visit) -> Answer:
    """Send a message once more."""
    message = MessageId(ids.read(Prefix.MESSAGE, visit.asked.params["message"]))
    with visit.work() as work:
        resend(work, _id(visit), message)
    return visit.go(f"{PATH}/{_id(visit)}", Notice(visit.say("It is on its way again.")))


def delete(visit: Visit) -> Answer:
    """Delete a webhook with all that it was told."""
    with visit.work() as work:
        delete_webhook(work, _id(visit))
    return visit.go(PATH, Notice(visit.say("The webhook is deleted.")))


def _switched(visit: Visit, told: str, *, on: bool) -> Answer:
    with visit.work() as work:
        edit_webhook(work, _id(visit), Wish(enabled=on))
    return visit.go(f"{PATH}/{_id(visit)}", Notice(visit.say(told)))


def _revealed(visit: Visit, made: Seen) -> Answer:
    return visit.show(
        "webhook_secret",
        title=visit.say("The secret of a webhook"),
        secret=True,
        hook=made.webhook,
        words=made.secret,
    )


def _wish_in(visit: Visit) -> Wish:
    form = visit.form
    return Wish(form.text("name"), form.text("url"), tuple(filter(None, form.many("events"))))


def _events(visit: Visit) -> list[tuple[str, str, str]]:
    return [(str(kind), visit.say(EVENTS[kind]), str(kind)) for kind in CHOOSABLE]


def _id(visit: Visit) -> WebhookId:
    return WebhookId(ids.read(Prefix.WEBHOOK, visit.asked.params["id"]))


_PART: Final = id_in("id", "The webhook.", Prefix.WEBHOOK)
_PARTS: Final = (_PART,)

PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="webhook.list",
        nav=Nav(shell.DEVELOPMENT, _TITLE, "hook", 60, needs=Scope.POLICY_MANAGE),
    ),
    Page("GET", "/webhooks/new", blank, _NEW, operation="webhook.list", fresh=True),
    Page("POST", "/webhooks/new", create, _NEW, operation="webhook.create", form=blank),
    Page(
        "GET",
        _ONE,
        show_one,
        _TITLE,
        "webhook.show",
        also=("webhook.list_messages",),
        parts=_PARTS,
        query=PAGING,
    ),
    Page("POST", _ONE, edit, _TITLE, "webhook.edit", parts=_PARTS, form=show_one),
    Page("POST", f"{_ONE}/disable", disable, _TITLE, "webhook.edit", parts=_PARTS),
    Page("POST", f"{_ONE}/enable", enable, _TITLE, "webhook.edit", parts=_PARTS),
    Page("POST", f"{_ONE}/rotate", rotate, _TITLE, "webhook.rotate", parts=_PARTS),
    Page("POST", f"{_ONE}/delete", delete, _TITLE, "webhook.delete", parts=_PARTS),
    Page(
        "POST",
        f"{_ONE}/messages/{{message}}/resend",
        again,
        _TITLE,
        "webhook.resend",
        parts=(_PART, id_in("message", "The message.", Prefix.MESSAGE)),
    ),
)
