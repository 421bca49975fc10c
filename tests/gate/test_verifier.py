"""Who a token speaks for, and why another opens nothing."""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.access.caller import Method
from counterfoil.access.role import DEVELOPER, READER
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.feed.event import (
    CutOff,
    GrantRecord,
    MemberRecorded,
    NodePlaced,
    NodeRemoved,
    RoleRecorded,
    RoleStruck,
    TokenStruck,
)
from counterfoil.gate.credential import PLACEHOLDER, UNKNOWN, present
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, CounterfoilError, Denied, Malformed, NotFound, Refused
from counterfoil.kernel.ids import NodeId, OrganizationId
from counterfoil.secret import Kind, checksum, digest
from gate.stage import (
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
    READ,
    RITA,
    ROOT,
    SECOND,
    SITE,
    bounds,
    environ,
    mint,
    record,
    tell,
)
from house import START, StandingClock

WRITE = (Surface.MANAGEMENT, Scope.CONTENT_WRITE)


def why(verifier: Verifier, text: str, organization: int | None = None) -> Code:
    """The code with which a token is turned away."""
    with pytest.raises(CounterfoilError) as refusal:
        verifier.verify(text, None if organization is None else OrganizationId(organization))
    return refusal.value.code


class TestVerify:
    def test_good(self, verifier: Verifier, replica: Replica) -> None:
        """A good token makes a caller of its bearer, with the scopes of their role now (G8)."""
        text = mint()
        tell(replica, record(text))
        caller = verifier.verify(text)
        assert (caller.organization, caller.user, caller.token) == (ACME, BEN, BASE + 101)
        assert caller.method is Method.PERSONAL
        assert caller.grant.scopes == DEVELOPER
        assert caller.expires_at == START + timedelta(seconds=60)
        assert caller.token_name is None
        assert verifier.verify(text) == caller

    def test_names(self, replica: Replica, clock: StandingClock) -> None:
        """Where the trail needs it, the caller carries the token's name of now (X2, X3)."""
        text = mint()
        named = Verifier(replica, clock, names=True)
        tell(replica, record(text))
        assert named.verify(text).token_name == "ci-schema-export"
        tell(replica, record(text, name="ci"))
        assert named.verify(text).token_name == "ci"

    def test_expiry(self, verifier: Verifier, replica: Replica, clock: StandingClock) -> None:
        """A token works until the last instant before its expiry, and not at it (X17, S24)."""
        text = mint()
        tell(replica, record(text))
        clock.move_on(microseconds=60 * SECOND - 1)
        verifier.verify(text)
        clock.move_on(microseconds=1)
        assert why(verifier, text) is Code.TOKEN_EXPIRED

    def test_dying_secret(self, verifier: Verifier, replica: Replica, clock: StandingClock) -> None:
        """A replaced secret works to the end of its grace and is unknown from then on (K12)."""
        text = mint()
        tell(replica, record(text, dies_at=NOW + SECOND))
        assert verifier.verify(text).expires_at == START + timedelta(seconds=60)
        clock.move_on(seconds=1)
        assert why(verifier, text) is Code.INVALID_TOKEN

    @pytest.mark.parametrize(
        ("state", "code"),
        [("pending", Code.TOKEN_PENDING_APPROVAL), ("disabled", Code.TOKEN_DISABLED)],
    )
    def test_state(self, verifier: Verifier, replica: Replica, state: str, code: Code) -> None:
        """Pending and disabled open nothing and say so; once active, it works (A7, Q3)."""
        text = mint()
        tell(replica, record(text, bounds(state=state)))  # type: ignore[arg-type]
        assert why(verifier, text) is code
        tell(replica, record(text))
        assert verifier.verify(text).user == BEN

    def test_revoked(self, verifier: Verifier, replica: Replica) -> None:
        """A revoked token and one that never was are told apart by nobody (X15, S3, S13)."""
        text = mint()
        tell(replica, record(text))
        verifier.verify(text)
        tell(replica, TokenStruck(token=BASE + 101, digests=(digest(text),)))
        answers = []
        for opens_nothing in (text, mint()):
            with pytest.raises(Refused) as refusal:
                verifier.verify(opens_nothing)
            answers.append((refusal.value.code, refusal.value.detail, dict(refusal.value.meta)))
        assert answers[0] == answers[1] == (Code.INVALID_TOKEN, UNKNOWN, {})

    def test_replaced_secret(self, verifier: Verifier, replica: Replica) -> None:
        """A digest that the new record does not name is dead, even if nobody said so (K12)."""
        old, new = mint(), mint()
        tell(replica, record(old), record(new))
        assert verifier.verify(new).token == BASE + 101
        assert why(verifier, old) is Code.INVALID_TOKEN

    def test_demotion(self, verifier: Verifier, replica: Replica) -> None:
        """What the role loses the token loses with the next request, and gets it back (X18, G8)."""
        text = mint()
        tell(replica, record(text))
        verifier.verify(text)
        tell(replica, RoleRecorded(organization=ACME, role=DEV, scopes=READER))
        assert verifier.verify(text).grant.scopes == READER
        tell(replica, RoleStruck(organization=ACME, role=DEV))
        assert verifier.verify(text).grant.scopes == 0
        tell(replica, RoleRecorded(organization=ACME, role=DEV, scopes=DEVELOPER))
        assert verifier.verify(text).grant.scopes == DEVELOPER

    def test_foreign_role(self, verifier: Verifier, replica: Replica) -> None:
        """A role of another organization gives nothing, whoever put it there (S21)."""
        text = mint()
        member = MemberRecorded(organization=ACME, user=BEN, active=True, roles=(OTHER_DEV, READ))
        tell(replica, record(text), member)
        assert verifier.verify(text).grant.scopes == READER

    def test_own_bounds(self, verifier: Verifier, replica: Replica) -> None:
        """A token has its own scopes and surfaces only as far as the role has them too (K2)."""
        text = mint()
        asked = scopes(Scope.CONTENT_READ, Scope.TOKENS_MANAGE)
        own = bounds(scopes=asked, surfaces=surfaces(Surface.DELIVERY))
        tell(replica, record(text, own))
        grant = verifier.verify(text).grant
        assert grant.scopes == scopes(Scope.CONTENT_READ)
        assert grant.surfaces == surfaces(Surface.DELIVERY)

    def test_custom(self, verifier: Verifier, replica: Replica) -> None:
        """Custom scopes are kept beyond the built-in 64 and narrowed like them."""
        text = mint()
        wide = RoleRecorded(organization=ACME, role=DEV, scopes=READER, custom=(64, 99))
        tell(replica, record(text, bounds(scopes=READER, custom=(99, 120))), wide)
        assert verifier.verify(text).grant.scopes == READER | 1 << 99
        everything = RoleRecorded(organization=ACME, role=DEV, scopes=-1)
        tell(replica, everything)
        assert verifier.verify(text).grant.scopes == READER | 1 << 99 | 1 << 120


class TestService:
    def test_role(self, verifier: Verifier, replica: Replica) -> None:
        """An API token whose authority is a role acts for no user (K5, K11)."""
        text = mint(Kind.SERVICE)
        tell(replica, record(text, authority="role", subject=READ, expires_at=None))
        caller = verifier.verify(text)
        assert (caller.method, caller.user, caller.expires_at) == (Method.SERVICE, None, None)
        assert caller.grant.scopes == READER

    def test_no_user(self, verifier: Verifier, replica: Replica) -> None:
        """An API token without a user is refused, and says why (Q9, K11)."""
        text = mint(Kind.SERVICE)
        for authority in ("none", "user"):
            tell(replica, record(text, authority=authority, subject=None))
            assert why(verifier, text) is Code.TOKEN_HAS_NO_USER

    def test_user_away(self, verifier: Verifier, replica: Replica) -> None:
        """An API token sleeps while its chosen user is away, and works when they return (Q18)."""
        text = mint(Kind.SERVICE)
        gone = MemberRecorded(organization=ACME, user=BEN, active=False, roles=(DEV,), cut_off=50)
        back = MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV,), cut_off=50)
        tell(replica, record(text), gone)
        assert why(verifier, text) is Code.OWNER_DEACTIVATED
        tell(replica, back, CutOff(subject=BEN, at=50))
        assert verifier.verify(text).user == BEN


class TestCutOffs:
    def test_deactivated(self, verifier: Verifier, replica: Replica) -> None:
        """A deactivated user's tokens are refused, and dead when they return (G8, S20)."""
        old, new = mint(), mint()
        away = MemberRecorded(organization=ACME, user=BEN, active=False, roles=(DEV,), cut_off=20)
        back = MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV,), cut_off=20)
        tell(replica, record(old, position=20), away)
        assert why(verifier, old) is Code.OWNER_DEACTIVATED
        tell(replica, back, record(new, position=21, token=BASE + 102))
        assert why(verifier, old) is Code.INVALID_TOKEN
        assert verifier.verify(new).token == BASE + 102

    @pytest.mark.parametrize("subject", [0, ACME, BEN, BASE + 101, BASE + 100])
    def test_anded(self, verifier: Verifier, replica: Replica, subject: int) -> None:
        """Each cut-off kills alone, up to its position, no further and for good (R21, S20)."""
        text = mint(Kind.EXCHANGED)
        tell(replica, record(text, position=30, parent=BASE + 100))
        tell(replica, CutOff(subject=subject, at=29), CutOff(subject=BASE + 900, at=10**6))
        verifier.verify(text)
        tell(replica, CutOff(subject=subject, at=30))
        assert why(verifier, text) is Code.INVALID_TOKEN
        tell(replica, CutOff(subject=subject, at=1))
        assert why(verifier, text) is Code.INVALID_TOKEN

    def test_position_zero(self, verifier: Verifier, replica: Replica) -> None:
        """Who was never cut off keeps even a token from before the first event."""
        text = mint()
        tell(replica, record(text, position=0))
        assert verifier.verify(text).user == BEN

    def test_parent(self, verifier: Verifier, replica: Replica) -> None:
        """A child credential is no better than the one it hangs on (I3)."""
        parent, child = mint(), mint(Kind.EXCHANGED)
        hanging = record(child, token=BASE + 102, parent=BASE + 101)
        tell(replica, record(parent), hanging)
        verifier.verify(child)
        tell(replica, record(parent, bounds(state="disabled")))
        assert why(verifier, child) is Code.TOKEN_DISABLED
        tell(replica, record(parent, expires_at=NOW + SECOND))
        verifier.verify(child)
        tell(replica, record(parent, expires_at=NOW))
        assert why(verifier, child) is Code.TOKEN_EXPIRED


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
        """Who is a member of several organizations says where they act (K13)."""
        text = mint(Kind.SESSION)
        other = MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,))
        tell(replica, record(text), other)
        with pytest.raises(Malformed, match="Counterfoil-Organization"):
            verifier.verify(text)
        assert verifier.verify(text, OrganizationId(OTHER)).organization == OTHER
        left = MemberRecorded(organization=OTHER, user=BEN, active=False, roles=(), cut_off=9)
        tell(replica, left)
        assert verifier.verify(text).organization == ACME
        tell(replica, MemberRecorded(organization=ACME, user=BEN, active=False, roles=()))
        assert why(verifier, text) is Code.OWNER_DEACTIVATED
        assert why(verifier, text, ACME) is Code.OWNER_DEACTIVATED

    def test_session_cut_off(self, verifier: Verifier, replica: Replica) -> None:
        """A session from before its user was deactivated is over, also when they return (S20)."""
        text = mint(Kind.SESSION)
        back = MemberRecorded(organization=ACME, user=BEN, active=True, roles=(DEV,), cut_off=5)
        tell(replica, record(text, position=5), back)
        assert why(verifier, text) is Code.INVALID_TOKEN
        tell(replica, record(text, position=6), CutOff(subject=ACME, at=6))
        assert why(verifier, text) is Code.INVALID_TOKEN

    def test_all_organizations(self, verifier: Verifier, replica: Replica) -> None:
        """A token for all organizations has bounds in each, and loses one alone (G1, K3, K13)."""
        text = mint()
        here = bounds(scopes=READER)
        there = GrantRecord(OTHER, "pending", None, 7)
        tell(
            replica,
            record(text, here, there),
            MemberRecorded(organization=OTHER, user=BEN, active=True, roles=(OTHER_DEV,)),
        )
        assert why(verifier, text) is Code.INVALID_REQUEST
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


class TestForm:
    @pytest.mark.parametrize(
        "spoil",
        [
            lambda t: t[:-1],
            lambda t: t + "0",
            lambda t: t.swapcase(),
            lambda t: f" {t}",
            lambda t: f"{t}\n",
            lambda t: t.replace("_", "%5F"),
            lambda t: t.replace("c", "с", 1),  # noqa: RUF001 - a Cyrillic letter, on purpose
            lambda t: "cfs" + t[3:],
            lambda t: t[:-6] + checksum(t[:-6])[::-1],
            lambda t: (s := t[:20] + "zzz" + t[23:-6]) + checksum(s),
        ],
    )
    def test_only_the_exact_string(
        self, verifier: Verifier, replica: Replica, spoil: object
    ) -> None:
        """Only the exact string verifies; everything near it is unknown (S3)."""
        text = mint()
        tell(replica, record(text))
        verifier.verify(text)
        spoiled = spoil(text)  # type: ignore[operator]
        assert spoiled != text
        assert why(verifier, spoiled) is Code.INVALID_TOKEN

    @given(st.text(max_size=80))
    def test_anything(self, noise: str) -> None:
        """No string breaks the reading of a credential (S3)."""
        with suppress(Refused, Malformed):
            present({"HTTP_AUTHORIZATION": noise, "QUERY_STRING": noise})

    @pytest.mark.parametrize("kind", [Kind.REFRESH, Kind.CLIENT])
    def test_no_bearers(self, verifier: Verifier, replica: Replica, kind: Kind) -> None:
        """Refresh tokens and client secrets are no bearer tokens, even if a gate knew them."""
        text = mint(kind)
        tell(replica, record(text))
        assert why(verifier, text) is Code.INVALID_TOKEN

    @pytest.mark.parametrize(
        "text", ["YOUR-API-TOKEN", "[PERSONAL_ACCESS_TOKEN]", "undefined", "cfp_abc…", "cfp_abc"]
    )
    def test_placeholder(self, verifier: Verifier, text: str) -> None:
        """A pasted placeholder is refused like any other string, and named (K15)."""
        with pytest.raises(Refused) as refusal:
            verifier.verify(text)
        assert (refusal.value.code, refusal.value.detail) == (Code.INVALID_TOKEN, PLACEHOLDER)

    def test_typo_is_for_the_log(
        self, verifier: Verifier, caplog: pytest.LogCaptureFixture
    ) -> None:
        """A typo is told from a stranger in the log alone, which has nothing of it (S13)."""
        caplog.set_level(logging.DEBUG, "counterfoil.gate")
        text = mint()
        typo = text[:-1] + ("0" if text[-1] != "0" else "1")
        assert why(verifier, typo) is why(verifier, text) is Code.INVALID_TOKEN
        assert [entry.message for entry in caplog.records] == ["a mistyped token was presented"]
        assert typo[4:12] not in caplog.text


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

    def test_circle(self, verifier: Verifier, replica: Replica) -> None:
        """A tree that bites its tail covers nothing and holds nobody up (S27)."""
        text = mint()
        tell(replica, record(text), NodePlaced(organization=ACME, node=ROOT, parent=POST))
        with pytest.raises(NotFound):
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

    def test_lineage(self, verifier: Verifier) -> None:
        """A node's lineage is the node and all above it, as the replica knows them now (S28)."""
        assert verifier.lineage(OrganizationId(ACME), NodeId(POST)) == {POST, PUBLIC, SITE, ROOT}
        assert verifier.lineage(OrganizationId(OTHER), NodeId(POST)) == frozenset()
