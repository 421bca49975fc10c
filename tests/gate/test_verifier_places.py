"""Where a token speaks: its organizations, and the nodes that it reaches."""

from __future__ import annotations

from itertools import pairwise

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.role import DEVELOPER, READER
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface, surfaces
from counterfoil.feed.event import (
    CutOff,
    GrantRecord,
    MemberRecorded,
    NodePlaced,
    NodeRemoved,
    OrganizationRecorded,
)
from counterfoil.gate.replica import Replica
from counterfoil.gate.replica.tree import DEEPEST
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, Denied, Malformed, NotFound, Refused
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.secret import Kind
from support.gate import (
    ACME,
    BASE,
    BEN,
    DEV,
    NOW,
    OTHER,
    OTHER_DEV,
    POST,
    PRESS,
    PUBLIC,
    RITA,
    ROOT,
    SITE,
    ancestry,
    bounds,
    environ,
    mint,
    record,
    tell,
    why,
)
from support.office import START

HERE = OrganizationId(ACME)
WRITE = (Surface.MANAGEMENT, Scope.CONTENT_WRITE)


class TestOrganizations:
    def test_session(self, verifier: Verifier, replica: Replica) -> None:
        """Who signed in acts with their whole role where they are an active member (G3)."""
        text = mint(Kind.SESSION)
        tell(replica, record(text, authenticated_at=NOW))
        caller = verifier.verify(text)
        assert (caller.method, caller.organization) == (Method.SESSION, ACME)
        assert caller.authenticated_at == START
        assert caller.grant.scopes == DEVELOPER
        assert why(verifier, text, OTHER) is Code.NOT_A_MEMBER

    def test_several(self, verifier: Verifier, replica: Replica) -> None:
        """Who is a member of several organizations says where they act, and reads where (K13)."""
        text = mint(Kind.SESSION)
        other = MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,))
        named = OrganizationRecorded(
            organization=OTHER, name="Bölt", management_limit=30, management_window_ms=3_000
        )
        tell(replica, record(text), other, named)
        with pytest.raises(Malformed, match="Counterfoil-Organization") as refusal:
            verifier.verify(text)
        told = {one["id"]: one["name"] for one in refusal.value.meta["organizations"]}
        assert told.keys() == {str(ACME), str(OTHER)}
        assert told[str(OTHER)] == "Bölt"
        assert verifier.verify(text, OrganizationId(OTHER)).organization == OTHER
        left = MemberRecorded(organization=OTHER, user=BEN, active=False, roles=(), cut_off=9)
        tell(replica, left)
        assert verifier.verify(text).organization == ACME
        tell(replica, MemberRecorded(organization=ACME, user=BEN, active=False, roles=()))
        assert why(verifier, text) is Code.OWNER_DEACTIVATED
        assert why(verifier, text, ACME) is Code.OWNER_DEACTIVATED

    def test_session_cut_off(self, verifier: Verifier, replica: Replica) -> None:
        """A session from before its user was deactivated is over, also when they return (S20).

        It is theirs alone: where all tokens of an organization are ended, it goes on.
        """
        text = mint(Kind.SESSION)
        back = MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV,), cut_off=5)
        tell(replica, record(text, position=5), back)
        assert why(verifier, text) is Code.INVALID_TOKEN
        tell(replica, record(text, position=6), CutOff(subject=ACME, at=6))
        assert verifier.verify(text).user == BEN
        tell(replica, CutOff(subject=BEN, at=6))
        assert why(verifier, text) is Code.INVALID_TOKEN

    def test_organization_cut_off(self, verifier: Verifier, replica: Replica) -> None:
        """Who ends the tokens of one organization ends none elsewhere, of any kind (R21, K13)."""
        text = mint()
        tell(
            replica,
            record(text, bounds(scopes=READER), GrantRecord(OTHER, "active", None, 7), position=6),
            MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,)),
            CutOff(subject=OTHER, at=6),
        )
        assert why(verifier, text, OTHER) is Code.NOT_A_MEMBER
        assert verifier.verify(text, OrganizationId(ACME)).organization == ACME
        tell(replica, CutOff(subject=OTHER, at=6), CutOff(subject=ACME, at=6))
        assert why(verifier, text) is Code.NOT_A_MEMBER

    def test_all_organizations(self, verifier: Verifier, replica: Replica) -> None:
        """A token for all has bounds in each, loses one alone, and else acts at home (K3, K13)."""
        text = mint()
        here = bounds(scopes=READER)
        there = GrantRecord(OTHER, "pending", None, 7)
        tell(
            replica,
            record(text, here, there),
            MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,)),
        )
        assert verifier.verify(text).organization == ACME
        assert verifier.verify(text, OrganizationId(ACME)).grant.scopes == READER
        assert why(verifier, text, OTHER) is Code.TOKEN_PENDING_APPROVAL
        assert why(verifier, text, BASE + 3) is Code.NOT_A_MEMBER
        tell(replica, record(text, here, GrantRecord(OTHER, "active", None, 7)))
        assert verifier.verify(text, OrganizationId(OTHER)).grant.scopes == DEVELOPER
        left = MemberRecorded(organization=OTHER, user=BEN, active=False, roles=(), cut_off=40)
        tell(replica, left)
        assert why(verifier, text, OTHER) is Code.NOT_A_MEMBER
        assert verifier.verify(text, OrganizationId(ACME)).organization == ACME
        again = MemberRecorded(
            organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,), cut_off=40
        )
        tell(replica, again)
        assert why(verifier, text, OTHER) is Code.NOT_A_MEMBER

    def test_foreign(self, verifier: Verifier, replica: Replica) -> None:
        """A token of one organization speaks in no other (S25)."""
        text = mint()
        tell(replica, record(text))
        assert verifier.verify(text, OrganizationId(ACME)).user == BEN
        assert why(verifier, text, OTHER) is Code.NOT_A_MEMBER


class TestDecide:
    def test_roots(self, verifier: Verifier, replica: Replica) -> None:
        """A restricted token acts in and under its roots, wherever those move (Q10, Q13, S27)."""
        text = mint()
        tell(replica, record(text, bounds(roots=(PUBLIC,))))
        sent = environ(text)
        assert verifier.decide(sent, *WRITE, NodeId(POST)).user == BEN
        assert verifier.decide(sent, *WRITE, NodeId(PUBLIC)).user == BEN
        for outside in (PRESS, SITE, ROOT, BASE + 999, 0, -1, 2**70):
            with pytest.raises(Denied) as denial:
                verifier.decide(sent, *WRITE, NodeId(outside))
            assert denial.value.code is Code.OUTSIDE_ROOT_NODES
        tell(replica, NodePlaced(organization=ACME, node=PRESS, parent=PUBLIC))
        verifier.decide(sent, *WRITE, NodeId(PRESS))
        tell(replica, NodePlaced(organization=ACME, node=POST, parent=SITE))
        with pytest.raises(Denied):
            verifier.decide(sent, *WRITE, NodeId(POST))

    def test_no_roots(self, verifier: Verifier, replica: Replica) -> None:
        """Null roots are everywhere, and an empty list of them is nowhere (Q11, S27)."""
        text, shut = mint(), mint()
        tell(replica, record(text), record(shut, bounds(roots=()), token=BASE + 102))
        verifier.decide(environ(text), *WRITE, NodeId(POST))
        with pytest.raises(Denied) as denial:
            verifier.decide(environ(shut), *WRITE, NodeId(POST))
        assert denial.value.code is Code.OUTSIDE_ROOT_NODES

    def test_trash(self, verifier: Verifier, replica: Replica) -> None:
        """Below a trashed node nothing is covered, until it is back (S27)."""
        text = mint()
        tell(replica, record(text, bounds(roots=(PUBLIC,))))
        tell(replica, NodeRemoved(organization=ACME, node=SITE))
        with pytest.raises(Denied):
            verifier.decide(environ(text), *WRITE, NodeId(POST))
        tell(replica, NodePlaced(organization=ACME, node=SITE, parent=ROOT))
        verifier.decide(environ(text), *WRITE, NodeId(POST))

    def test_subtree(self, verifier: Verifier, replica: Replica) -> None:
        """Whatever lies below a node moves, goes and comes back with it, in one event (S27)."""
        text = mint()
        tell(replica, record(text, bounds(roots=(PRESS,))))
        tell(replica, NodePlaced(organization=ACME, node=PUBLIC, parent=PRESS))
        verifier.decide(environ(text), *WRITE, NodeId(POST))
        assert ancestry(replica, ACME, POST) == {POST, PUBLIC, PRESS, SITE, ROOT}
        tell(replica, NodeRemoved(organization=ACME, node=PRESS))
        for node in (POST, PUBLIC, PRESS):
            assert not ancestry(replica, ACME, node)
        tell(replica, NodePlaced(organization=ACME, node=POST, parent=ROOT))
        assert ancestry(replica, ACME, POST) == {POST, ROOT}
        tell(replica, NodePlaced(organization=ACME, node=PRESS, parent=None))
        assert ancestry(replica, ACME, PUBLIC) == {PUBLIC, PRESS}
        assert ancestry(replica, ACME, POST) == {POST, ROOT}

    def test_deep(self, replica: Replica) -> None:
        """A node deeper than any that a record can hold is nowhere, until its tree is raised."""
        chain = [BASE + 500 + n for n in range(DEEPEST + 1)]
        for parent, node in pairwise([ROOT, *chain]):
            tell(replica, NodePlaced(organization=ACME, node=node, parent=parent))
        assert len(ancestry(replica, ACME, chain[-3])) == DEEPEST
        assert not ancestry(replica, ACME, chain[-2])
        assert not ancestry(replica, ACME, chain[-1])
        tell(replica, NodePlaced(organization=ACME, node=chain[1], parent=None))
        assert len(ancestry(replica, ACME, chain[-1])) == DEEPEST

    def test_circle(self, verifier: Verifier, replica: Replica) -> None:
        """A tree that bites its tail covers nothing and holds nobody up (S27)."""
        text = mint()
        tell(replica, record(text), NodePlaced(organization=ACME, node=ROOT, parent=POST))
        with pytest.raises(NotFound):
            verifier.decide(environ(text), *WRITE, NodeId(POST))
        tell(replica, NodePlaced(organization=ACME, node=ROOT, parent=None))
        verifier.decide(environ(text), *WRITE, NodeId(POST))

    def test_foreign_node(self, verifier: Verifier, replica: Replica) -> None:
        """Another organization's node is an unknown one (S25)."""
        text = mint()
        tell(replica, record(text), NodePlaced(organization=OTHER, node=BASE + 77, parent=None))
        with pytest.raises(NotFound):
            verifier.decide(environ(text), *WRITE, NodeId(BASE + 77))

    def test_order_of_refusal(self, verifier: Verifier, replica: Replica) -> None:
        """First the credential, then the surface, then the scope, then the node (D9, D10)."""
        text = mint()
        own = bounds(surfaces=surfaces(Surface.DELIVERY), roots=(PUBLIC,))
        tell(replica, record(text, own, subject=RITA))
        sent = environ(text)
        with pytest.raises(Refused) as refusal:
            verifier.decide(environ(), *WRITE)
        assert refusal.value.code is Code.MISSING_AUTHORIZATION_HEADER
        with pytest.raises(Denied) as denial:
            verifier.decide(sent, *WRITE, NodeId(PRESS))
        assert denial.value.code is Code.API_NOT_ENABLED_FOR_TOKEN
        with pytest.raises(Denied) as denial:
            verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_WRITE, NodeId(PRESS))
        assert denial.value.code is Code.INSUFFICIENT_SCOPE
        with pytest.raises(Denied) as denial:
            verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ, NodeId(PRESS))
        assert denial.value.code is Code.OUTSIDE_ROOT_NODES
        verifier.decide(sent, Surface.DELIVERY, Scope.CONTENT_READ, NodeId(POST))

    def test_stranger(self, verifier: Verifier) -> None:
        """A stranger is refused before anything is said of what they asked for."""
        with pytest.raises(Refused) as refusal:
            verifier.decide(environ(mint()), *WRITE, NodeId(POST))
        assert refusal.value.code is Code.INVALID_TOKEN

    def test_lineage(self, replica: Replica) -> None:
        """A node's lineage is the node and all above it, as the replica knows them now (S28)."""
        assert ancestry(replica, ACME, POST) == {POST, PUBLIC, SITE, ROOT}
        assert ancestry(replica, OTHER, POST) == set()
