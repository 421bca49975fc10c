"""The authority of somebody who is away counts as much as it will when they are back (I3, S20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from counterfoil.access.scope import EVERY_SCOPE, Scope
from counterfoil.directory.deactivate import deactivate_user, reactivate_user
from counterfoil.directory.enroll import assign, deactivate, reactivate
from counterfoil.kernel.errors import Code, Conflict, Denied
from counterfoil.kernel.ids import UserId
from counterfoil.operation import Work
from counterfoil.tokens.api_token import create_api_token
from counterfoil.tokens.api_token_edit import edit_api_token, regenerate
from counterfoil.tokens.steps.record import Issued
from counterfoil.tokens.wish import Wish
from support.tokens import Agency

AWAY: dict[str, tuple[Callable[[Work, UserId], object], Callable[[Work, UserId], object]]] = {
    "of the organization": (deactivate, reactivate),
    "of the installation": (deactivate_user, reactivate_user),
}


@pytest.fixture
def mallory(agency: Agency) -> UserId:
    """Somebody who may manage API tokens and nothing else."""
    agency.role("keeper", Scope.TOKENS_MANAGE, Scope.ROLES_READ)
    return agency.hire("Mallory", "keeper")


@pytest.fixture
def bob(agency: Agency) -> UserId:
    """A second admin."""
    return agency.hire("Bob", "admin")


def as_user(user: UserId | None, **more: Any) -> Wish:
    return Wish(name="Website", authority="user", subject=user, **more)


def made(agency: Agency, by: UserId, wish: Wish) -> Issued:
    with agency.acting(by) as work:
        return create_api_token(work, wish)


@pytest.mark.parametrize("away", AWAY)
def test_nobody_borrows_of_who_is_away(
    agency: Agency, mallory: UserId, bob: UserId, away: str
) -> None:
    """Who may do less mints and regenerates nothing for an admin who is away (D11, I3, Q6)."""
    leave, come_back = AWAY[away]
    theirs = made(agency, agency.ada, as_user(bob))
    with agency.acting(agency.ada) as work:
        leave(work, bob)
    with pytest.raises(Denied, match="further than you"):
        made(agency, mallory, as_user(bob))
    with pytest.raises(Denied, match="further than you"), agency.acting(mallory) as work:
        regenerate(work, theirs.token.id)
    narrow = made(agency, agency.ada, as_user(bob, scopes=Scope.TOKENS_MANAGE.bit))
    with pytest.raises(Denied, match="further than you"), agency.acting(mallory) as work:
        edit_api_token(work, narrow.token.id, Wish(inherit=True))
    assert agency.hall.refusal(theirs.secret) == Code.OWNER_DEACTIVATED
    with agency.acting(agency.ada) as work:
        come_back(work, bob)
    assert agency.hall.verify(theirs.secret).grant.scopes == EVERY_SCOPE


def test_who_was_shown_the_secret(agency: Agency, mallory: UserId) -> None:
    """A token without authority is given none that whoever knows its secret has not (I3, Q9)."""
    waiting = made(agency, mallory, as_user(None))
    chosen = as_user(agency.ada)
    with pytest.raises(Conflict, match="another secret"), agency.acting(agency.ada) as work:
        edit_api_token(work, waiting.token.id, chosen)
    assert agency.hall.refusal(waiting.secret) == Code.TOKEN_HAS_NO_USER
    with agency.acting(agency.ada) as work:
        mine = regenerate(work, waiting.token.id)
    with agency.acting(agency.ada) as work:
        edit_api_token(work, waiting.token.id, chosen)
    assert agency.hall.verify(mine.secret).grant.scopes == EVERY_SCOPE
    assert agency.hall.refusal(waiting.secret) == Code.INVALID_TOKEN


def test_who_regenerated_was_shown_it_too(agency: Agency, mallory: UserId) -> None:
    """That counts for each secret that lives, whoever made the token (I3)."""
    waiting = made(agency, agency.ada, as_user(None))
    with agency.acting(mallory) as work:
        regenerate(work, waiting.token.id)
    with pytest.raises(Conflict, match="another secret"), agency.acting(agency.ada) as work:
        edit_api_token(work, waiting.token.id, as_user(agency.ada))


def test_two_admins_share_the_work(agency: Agency, bob: UserId) -> None:
    """One admin saves a token, another chooses its user: both may do all that it may (Q14)."""
    waiting = made(agency, bob, as_user(None))
    with agency.acting(agency.ada) as work:
        edit_api_token(work, waiting.token.id, as_user(agency.rea))
    assert agency.hall.verify(waiting.secret).user == agency.rea
    second = made(agency, bob, as_user(None))
    with agency.acting(agency.ada) as work:
        assign(work, bob, [agency.roles["reader"].id])
    with pytest.raises(Conflict, match="another secret"), agency.acting(agency.ada) as work:
        edit_api_token(work, second.token.id, as_user(agency.dan))


def test_a_token_chooses_for_what_it_made(agency: Agency) -> None:
    """A token that was shown a secret may choose within its own power, and no one beyond (D11)."""
    maker = agency.api_token("admin", surfaces=7)
    with agency.with_token(maker.secret) as work:
        waiting = create_api_token(work, as_user(None, expires_at=maker.token.expires_at))
    with pytest.raises(Conflict, match="another secret"), agency.acting(agency.ada) as work:
        edit_api_token(work, waiting.token.id, as_user(agency.rea))
    with agency.with_token(maker.secret) as work:
        edit_api_token(work, waiting.token.id, as_user(agency.rea))
    assert agency.hall.verify(waiting.secret).user == agency.rea
