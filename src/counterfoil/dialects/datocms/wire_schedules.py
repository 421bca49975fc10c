"""What is planned for records, as DatoCMS's client writes and reads it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal, TypeAlias

from counterfoil.content import Schedule, Turn
from counterfoil.dialects.datocms.wire import RecordShown
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.given import Given, Id, Instant, ToOne, to_one

_LATER: Final = "2099-01-31T12:00:00Z"


class PublicationTime(Body, frozen=True):
    """When a record goes on delivery. The vendor may publish parts of one; here it is null."""

    publication_scheduled_at: str
    selective_publication: dict[str, Any] | None = None


class LaterPublication(Body, frozen=True):
    """The wish to publish a record later."""

    type: Literal["scheduled_publication"]
    attributes: PublicationTime


class LaterPublicationBody(Body, frozen=True):
    """The document that plans a record's publication."""

    data: LaterPublication


class UnpublishingTime(Body, frozen=True):
    """When a record is taken off delivery. The vendor may take parts off; here they are null."""

    unpublishing_scheduled_at: str
    content_in_locales: list[str] | None = None


class LaterUnpublishing(Body, frozen=True):
    """The wish to take a record off delivery later."""

    type: Literal["scheduled_unpublishing"]
    attributes: UnpublishingTime


class LaterUnpublishingBody(Body, frozen=True):
    """The document that plans when a record is taken off delivery."""

    data: LaterUnpublishing


PUBLICATION: Final = {
    "data": {
        "type": "scheduled_publication",
        "attributes": {"publication_scheduled_at": _LATER},
    }
}
UNPUBLISHING: Final = {
    "data": {
        "type": "scheduled_unpublishing",
        "attributes": {"unpublishing_scheduled_at": _LATER},
    }
}


class PublicationFacts(Given, frozen=True):
    """When it will be published: all of it."""

    publication_scheduled_at: Instant
    selective_publication: None


class UnpublishingFacts(Given, frozen=True):
    """When it will be taken off delivery: all of it."""

    unpublishing_scheduled_at: Instant
    content_in_locales: None


class OfRecord(Given, frozen=True):
    """The record that it is planned for."""

    item: ToOne


class PublicationShown(Given, frozen=True, tag_field="type", tag="scheduled_publication"):
    """A publication to come; its id is the record's."""

    id: Id
    attributes: PublicationFacts
    relationships: OfRecord


class UnpublishingShown(Given, frozen=True, tag_field="type", tag="scheduled_unpublishing"):
    """An end of delivery to come; its id is the record's."""

    id: Id
    attributes: UnpublishingFacts
    relationships: OfRecord


class PublicationPlanned(Given, frozen=True):
    """A publication to come, and the record as it stands now."""

    data: PublicationShown
    included: list[RecordShown]


class UnpublishingPlanned(Given, frozen=True):
    """An end of delivery to come, and the record as it stands now."""

    data: UnpublishingShown
    included: list[RecordShown]


Planned: TypeAlias = PublicationPlanned | UnpublishingPlanned


def show_planned(done: Schedule, turn: Turn, at: datetime, record: RecordShown) -> Planned:
    """Describe a turn that is to come, with the record."""
    id_, of = str(done.node), OfRecord(item=to_one("item", done.node))
    if turn is Turn.PUBLISH:
        when = PublicationFacts(publication_scheduled_at=at, selective_publication=None)
        new = PublicationShown(id=id_, attributes=when, relationships=of)
        return PublicationPlanned(data=new, included=[record])
    off = UnpublishingFacts(unpublishing_scheduled_at=at, content_in_locales=None)
    gone = UnpublishingShown(id=id_, attributes=off, relationships=of)
    return UnpublishingPlanned(data=gone, included=[record])
