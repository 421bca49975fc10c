"""An agency whose webhooks are told what becomes true in it."""

from __future__ import annotations

from typing import Any

from counterfoil.content.define_type import create_content_type
from counterfoil.content.publish import publish
from counterfoil.content.write import create_entry
from counterfoil.kernel.ids import NodeId, UserId
from counterfoil.kernel.page import Wanted
from counterfoil.webhooks.change import edit_webhook
from counterfoil.webhooks.deliver import Delivery
from counterfoil.webhooks.model import CHOOSABLE, EventKind, Message, Webhook
from counterfoil.webhooks.register import create_webhook
from counterfoil.webhooks.show import list_messages, show_webhook
from counterfoil.webhooks.steps.seen import Seen
from counterfoil.webhooks.wish import Wish
from support.receiver import Receiver
from support.tokens import Agency, Hall


class House(Agency):
    """Such an agency, with one who delivers to a receiver."""

    def __init__(self, hall: Hall, hooks: Receiver) -> None:
        super().__init__(hall)
        self.hooks = hooks
        self.delivery = Delivery(self.office, hooks.outward())

    def register(self, *events: str, by: UserId | None = None, heard: bool = True) -> Seen:
        """Register a webhook for these events, or all but the trail, and let it hear of itself."""
        usual = tuple(str(kind) for kind in CHOOSABLE if kind is not EventKind.AUDIT_RECORDED)
        wish = Wish(url=self.hooks.url, events=events or usual)
        with self.acting(by or self.ada) as work:
            made = create_webhook(work, wish)
        if heard:
            self.deliver()
            self.hooks.heard.clear()
        return made

    def edit(self, webhook: Webhook, by: UserId | None = None, **wish: Any) -> Seen:
        """Change a webhook."""
        with self.acting(by or self.ada) as work:
            return edit_webhook(work, webhook.id, Wish(**wish))

    def seen(self, webhook: Webhook) -> Seen:
        """Return a webhook as its admin sees it now."""
        with self.looking(self.ada) as work:
            return show_webhook(work, webhook.id)

    def messages(self, webhook: Webhook) -> list[Message]:
        """Return what a webhook was told or shall be, but for the first greeting."""
        with self.looking(self.ada) as work:
            page = list_messages(work, webhook.id, Wanted(100))
        return [one for one in page.items if one.event.kind != "webhook.ping"]

    def deliver(self) -> int:
        """Send what is due; return how many messages were heard."""
        return self.delivery.turn()

    def told(self) -> list[str]:
        """Send what is due; return of what kinds the receiver was told, in the order of words."""
        self.hooks.heard.clear()
        self.deliver()
        return sorted(one.body.split(b'"')[3].decode() for one in self.hooks.heard)

    def entry(self, under: NodeId, slug: str) -> NodeId:
        """Write an entry and publish it."""
        with self.acting(self.ada) as work:
            article = create_content_type(
                work, slug, slug, f"urn:test:{slug}", {"type": "object", "properties": {}}
            )
            made = create_entry(work, under, article.id, {}, slug)
        with self.acting(self.ada) as work:
            publish(work, made.id)
        return made.id
