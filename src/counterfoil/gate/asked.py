"""What a judge is asked, and what it lets through."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

import msgspec

from counterfoil.access.caller import Caller
from counterfoil.gate.replica.routes import NO_LIMITS, Limits, Routed
from counterfoil.kernel.errors import CounterfoilError, Malformed, Refused
from counterfoil.kernel.ids import ApiId, NodeId
from counterfoil.routing.table import Route

Presented: TypeAlias = str | bytes | Malformed | Refused | None
"""A token, its digest, or what is wrong with how it was presented; None for none."""


class Wanted(msgspec.Struct, frozen=True):
    """A request to an API, as its proxy saw it.

    One is made for each request, and waits for the trail to take it: so it is what takes the least
    to make, and nothing that Python's collector has to look at.

    Attributes:
        api: which API it is for: the proxy knows, the client does not choose.
        method: as it was sent.
        target: path and query, as they were sent.
        presented: by whom.
        preflight: the method that a browser of another origin asks about, if that is what this is.
        address: from where it came, as the proxy knows it: a token that is bound to networks is
            good from nowhere if that is not known.
        agent: the client's own claim.
        digest: what the books know the token by, where that was worked out already.
    """

    api: ApiId
    method: str
    target: str
    presented: Presented
    preflight: str | None = None
    address: str = ""
    agent: str = ""
    digest: bytes | None = None


class Let(NamedTuple):
    """What a judge let through.

    Attributes:
        caller: who; None on a route that is open to everybody.
        routed: the API.
        route: which of its routes; None for a preflight.
        node: which node it is about, if it is known.
        late_s: for how long the gate had no lease, where it let this pass in the API's grace; 0 as
            a rule.
    """

    caller: Caller | None
    routed: Routed
    route: Route | None
    node: NodeId | None = None
    late_s: float = 0.0

    def about(self) -> About | None:
        """Return what is known of it, if something else is against it; None if nobody came."""
        caller = self.caller
        return None if caller is None else About(caller, self.routed.limits, self.route, self.node)


class About(NamedTuple):
    """What is known of a request that came with a good token.

    Attributes:
        caller: whose token it is.
        limits: what the policy of the organization asks of it.
        route: which route it takes, as far as that was found out.
        node: which node it is about, as far as that was found out.
    """

    caller: Caller
    limits: Limits = NO_LIMITS
    route: Route | None = None
    node: NodeId | None = None


Said: TypeAlias = Let | CounterfoilError
"""What becomes of a request: what is let through, or why it is not."""
