"""What an agent's program tells of its agent: which calls it turned down itself."""

from __future__ import annotations

from contextlib import suppress
from typing import Annotated, Final, Literal, TypeAlias

from msgspec import Meta

from counterfoil.jsonapi.body import Body
from counterfoil.jsonapi.route import Answer, Asked, Route
from counterfoil.kernel.errors import Invalid, NotFound
from counterfoil.tokens.turn_down import turn_down

_Tool: TypeAlias = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,64}$")]


class CallFacts(Body, frozen=True):
    """Which tool was called, and whether it is none, or takes other arguments."""

    tool: _Tool
    why: Literal["unknown_tool", "arguments"]


class Call(Body, frozen=True):
    """A call that was turned down."""

    type: Literal["agent_call"]
    attributes: CallFacts


class CallBody(Body, frozen=True):
    """A document with a call."""

    data: Call


def turned_down(asked: Asked) -> Answer:
    """Answer POST /cma/token/turned_down: it is on record as a refusal."""
    told = asked.struct(CallBody).data.attributes
    with suppress(Invalid, NotFound), asked.work() as work:
        turn_down(work, told.tool, known=told.why == "arguments")
    return Answer(204)


ROUTES: Final = (
    Route(
        "POST",
        "/cma/token/turned_down",
        turned_down,
        "agent.call",
        "Have it on record that a call of an agent was turned down by its own program",
        section="The token itself",
        takes=CallBody,
        example={
            "data": {
                "type": "agent_call",
                "attributes": {"tool": "drop_everything", "why": "unknown_tool"},
            }
        },
        gives={204: None},
    ),
)
"""What the office takes of agents' programs."""
