"""Looking as an API token or a member: by the grant that decides, and by nothing larger."""

from __future__ import annotations

import pytest

from counterfoil.access.grant import Grant
from counterfoil.access.role import READER
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.directory.enroll import deactivate
from counterfoil.kernel.errors import Denied
from counterfoil.kernel.ids import TokenId, UserId
from counterfoil.tokens.api_token_edit import edit_api_token
from counterfoil.tokens.look_as import look_as, look_as_member
from counterfoil.tokens.wish import Wish
from support.tokens import Agency


def looked(agency: Agency, id_: TokenId) -> Grant:
    """Return what Ada looks through."""
    with agency.looking(agency.ada) as work:
        return look_as(work, id_)


def test_the_gate_says_the_same(agency: Agency) -> None:
    """Of a role's token and of a user's, one looks through the very grant that the gate gives."""
    lent = agency.api_token(roots=frozenset({agency.press}), surfaces=Surface.PREVIEW.bit)
    own = agency.api_token(authority="user", subject=agency.dan, scopes=Scope.CONTENT_READ.bit)
    for made in (lent, own):
        assert looked(agency, made.token.id) == agency.hall.verify(made.secret).grant


def test_what_is_not_in_force_sees_nothing(agency: Agency) -> None:
    """Off, without a user, or with one who is away, a token sees nothing (Q3, Q9, Q18)."""
    off = agency.api_token()
    with agency.acting(agency.ada) as work:
        edit_api_token(work, off.token.id, Wish(enabled=False))
    nobody = agency.api_token(authority="user", subject=None)
    away = agency.api_token(authority="user", subject=agency.rea)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.rea)
    for made in (off, nobody, away):
        assert looked(agency, made.token.id).scopes == 0


def test_nobody_looks_further_than_they_see(agency: Agency) -> None:
    """Who manages tokens and does less than one of them is refused the look through it (I3)."""
    agency.role("keeper", Scope.TOKENS_MANAGE, Scope.CONTENT_READ)
    keeper = agency.hire("Kim", "keeper")
    larger = agency.api_token("editor")
    smaller = agency.api_token("reader", scopes=Scope.CONTENT_READ.bit)
    with agency.looking(keeper) as work:
        assert look_as(work, smaller.token.id).scopes == Scope.CONTENT_READ.bit
        with pytest.raises(Denied, match="further than you"):
            look_as(work, larger.token.id)


def test_one_looks_as_a_member(agency: Agency) -> None:
    """Who reads users looks as any whose power lies inside their own, and as nobody else (I3)."""

    def seen(by: UserId, whom: UserId) -> int:
        with agency.looking(by) as work:
            return look_as_member(work, whom).scopes

    assert seen(agency.ada, agency.rea) == READER
    agency.role("clerk", Scope.USERS_READ, Scope.CONTENT_READ)
    clerk = agency.hire("Kim", "clerk")
    with pytest.raises(Denied, match="further than you"):
        seen(clerk, agency.ada)
    with pytest.raises(Denied):
        seen(agency.rea, agency.dan)
    with agency.acting(agency.ada) as work:
        deactivate(work, agency.rea)
    assert seen(agency.ada, agency.rea) == 0
