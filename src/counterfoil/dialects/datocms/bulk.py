"""Many records at once in DatoCMS's contract, and the jobs that its client then asks about.

The vendor does these things later and gives the number of a job; here they are done when the job
is answered, all or none. So a job needs no row: its id says how it ended, sealed for who began it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, Literal

from counterfoil.content import Last, publish, unpublish
from counterfoil.content.doors import cursor
from counterfoil.content.doors.bulk import ItemName, Verb, each, trash
from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.datocms import DATOCMS
from counterfoil.jsonapi.given import Given, One
from counterfoil.jsonapi.parameter import SAMPLE, Parameter
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Code, Malformed, NotFound
from counterfoil.operation import ANY_CALLER, Work, operation

_LONGEST: Final = 200
_AT: Final = "/data/relationships/items/data"
_route = partial(Route, dialect=DATOCMS, section="DatoCMS content")


class Items(Body, frozen=True):
    """A relationship with records."""

    data: list[ItemName]


class Relationships(Body, frozen=True):
    """Which records it is done to."""

    items: Items


class Publishing(Body, frozen=True):
    """The wish to publish these."""

    type: Literal["item_bulk_publish_operation"]
    relationships: Relationships


class PublishingBody(Body, frozen=True):
    """The document that publishes records."""

    data: Publishing


class Unpublishing(Body, frozen=True):
    """The wish to unpublish these."""

    type: Literal["item_bulk_unpublish_operation"]
    relationships: Relationships


class UnpublishingBody(Body, frozen=True):
    """The document that unpublishes records."""

    data: Unpublishing


class Destroying(Body, frozen=True):
    """The wish to destroy these."""

    type: Literal["item_bulk_destroy_operation"]
    relationships: Relationships


class DestroyingBody(Body, frozen=True):
    """The document that destroys records."""

    data: Destroying


class Job(Given, frozen=True, tag_field="type", tag="job"):
    """Something that was begun, and how to ask for its end."""

    id: str


class Figures(Given, frozen=True):
    """To how many it was done."""

    successful: int
    failed: int


class Payload(Given, frozen=True):
    """What the job would have answered."""

    data: list[None]
    meta: Figures


class Ended(Given, frozen=True):
    """With which status a job ended."""

    status: int
    payload: Payload


class JobResult(Given, frozen=True, tag_field="type", tag="job_result"):
    """How a job ended."""

    id: str
    attributes: Ended


Bulk = PublishingBody | UnpublishingBody | DestroyingBody


def _door(takes: type[Bulk], verb: Verb, asked: Asked) -> Answer:
    """Do it, and answer the job that is done by then."""
    ids = [one.id for one in asked.struct(takes).data.relationships.items.data]
    with asked.work() as work:
        done = len(each(work, verb, ids, _AT))
        job = cursor.seal(asked.office.cursor_key, _mine(asked), Last(done, work.new_id()))
    return Answer(202, One(Job(id=job)))


def result(asked: Asked) -> Answer:
    """Answer GET /datocms/job-results/{id} to who began the job."""
    id_ = asked.params["id"]
    with asked.read() as work:
        ended = show_job(work, asked, id_)
    payload = Payload(data=[], meta=Figures(successful=int(ended.value), failed=0))
    return Answer(200, One(JobResult(id=id_, attributes=Ended(status=200, payload=payload))))


@operation("job.show", requires=None, methods=ANY_CALLER, reads=True)
def show_job(work: Work, asked: Asked, id_: str) -> Last:
    """Show how a job ended to who began it."""
    work.permit()
    try:
        return cursor.unseal(asked.office.cursor_key, _mine(asked), id_[:_LONGEST], "id")
    except Malformed:
        raise NotFound from None


def _mine(asked: Asked) -> str:
    caller = asked.caller
    return f"{caller.organization}.{caller.user}.{caller.token} /datocms/job-results"


def _bulk(word: str, takes: type[Bulk], verb: Verb, operation: str, summary: str) -> Route:
    door: Callable[[Asked], Answer] = partial(_door, takes, verb)
    items = {"items": {"data": [{"type": "item", "id": SAMPLE}]}}
    example = {"data": {"type": f"item_bulk_{word}_operation", "relationships": items}}
    path, gives = f"/datocms/items/bulk/{word}", {202: One[Job]}
    return _route(
        "POST", path, door, operation, summary, gives=gives, takes=takes, example=example,
        fails=(Code.NOT_FOUND,),
    )  # fmt: skip


ROUTES: Final = (
    _bulk("publish", PublishingBody, publish, "entry.publish", "Publish many records"),
    _bulk("unpublish", UnpublishingBody, unpublish, "entry.unpublish", "Unpublish many records"),
    _bulk("destroy", DestroyingBody, trash, "node.trash", "Destroy many records"),
    _route(
        "GET",
        "/datocms/job-results/{id}",
        result,
        "job.show",
        "Show how a job ended",
        gives={200: One[JobResult]},
        parts=(Parameter("id", "The job, as it was given."),),
    ),
)
