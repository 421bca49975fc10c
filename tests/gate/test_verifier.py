"""Who a token speaks for, and why another opens nothing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from counterfoil.access.caller import Method
from counterfoil.access.role import DEVELOPER, READER
from counterfoil.access.scope import Scope, scopes
from counterfoil.access.surface import Surface, surfaces
from counterfoil.feed.event import (
    CutOff,
    MemberRecorded,
    RoleRecorded,
    RoleStruck,
    TokenStruck,
)
from counterfoil.gate.credential import UNKNOWN
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.errors import Code, Refused
from counterfoil.secret import Kind, digest
from support.gate import (
    ACME,
    BASE,
    BEN,
    DEV,
    NOW,
    OTHER_DEV,
    READ,
    SECOND,
    bounds,
    mint,
    record,
    tell,
    why,
)
from support.office import START, StandingClock


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

    def test_parent_expires(
        self, verifier: Verifier, replica: Replica, clock: StandingClock
    ) -> None:
        """A child dies with its parent's expiry too, remembered or not (X17, I3)."""
        parent, child = mint(), mint(Kind.EXCHANGED)
        hanging = record(child, token=BASE + 102, parent=BASE + 101, expires_at=None)
        tell(replica, record(parent, expires_at=NOW + SECOND), hanging)
        verifier.verify(child)
        clock.move_on(seconds=1)
        assert why(verifier, child) is Code.TOKEN_EXPIRED
