"""A restored token is told what became of it after the copy was made, and only loses (R12)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from counterfoil.access.caller import Method
from counterfoil.access.scope import join
from counterfoil.feed.event import GrantRecord, SecretTaken, TokenRecorded, TokenStruck
from counterfoil.kernel.clock import instant
from counterfoil.kernel.ids import NodeId, Prefix, TokenId, spell
from counterfoil.operation import Work, operation
from counterfoil.tokens.bounds import Bounds
from counterfoil.tokens.model import LIVE, State, Token, TokenGrant
from counterfoil.tokens.steps.end import end
from counterfoil.tokens.steps.record import put, tell
from counterfoil.tokens.store import conditions, rows, secrets
from counterfoil.tokens.store.at_home import EVERY_KIND


@operation("token.retell", requires=None, methods=frozenset({Method.SYSTEM}), surface=None)
def retell(work: Work, event: TokenRecorded | TokenStruck | SecretTaken, why: str) -> None:
    """Bring a token of the organization to what an event says that it had become.

    It is told of no secret that was made since, and switched on by nothing: that is lost with what
    was lost.
    """
    id_ = TokenId(event.token or 0)
    work.permit(target=spell(Prefix.TOKEN, id_))
    work.note(why)
    token = rows.hold(work.tx, work.caller.organization, id_, EVERY_KIND)
    if not isinstance(event, TokenRecorded):
        if token.built_in:
            tell(work, token, secrets.retire(work.tx, id_, work.now))
        else:
            end(work, [token])
        return
    secrets.keep_only(work.tx, id_, {one.digest: one.dies_at for one in event.secrets}, work.now)
    if token.live_grants:
        put(work, token, _told(token, event))


def _told(token: Token, event: TokenRecorded) -> Token:
    """Return a token with what the event leaves of it."""
    said = {grant.organization: grant for grant in event.grants}
    grants = tuple(_narrowed(grant, said.get(grant.organization)) for grant in token.grants)
    ends = [token.expires_at] if token.expires_at is not None else []
    if event.expires_at is not None:
        ends.append(instant(event.expires_at))
    changed = replace(
        token, grants=grants, expires_at=min(ends, default=None), version=token.version + 1
    )
    if (token.authority, token.subject) != (event.authority, event.subject):
        return replace(changed, authority="none", subject=None)
    return changed


def _narrowed(grant: TokenGrant, said: GrantRecord | None) -> TokenGrant:
    if grant.state not in LIVE:
        return grant
    if said is None:
        return replace(grant, state=State.REVOKED)
    bounds = Bounds(
        scopes=None if said.scopes is None else join(said.scopes, said.custom),
        roots=_nodes(said.roots),
        surfaces=said.surfaces,
        ceiling=_nodes(said.ceiling),
        conditions=conditions.read(
            {"networks": said.networks, "rate": said.rate, "not_before": said.not_before}
        ),
    )
    off = said.state == "disabled" and grant.state is State.ACTIVE
    return replace(grant, bounds=bounds, state=State.DISABLED if off else grant.state)


def _nodes(ids: Iterable[int] | None) -> frozenset[NodeId] | None:
    return None if ids is None else frozenset(NodeId(id_) for id_ in ids)
