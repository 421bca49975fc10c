"""The authorization server: code with PKCE, refresh, revocation, metadata."""

from __future__ import annotations
from signin.visiting import Visitor


def test_flow(visitor: Visitor) -> None:
    """x."""
    assert visitor.sign_in().status == 204
    a = visitor.authorize()
    assert a.status == 303, a
    t = visitor.redeem(a.query["code"])
    assert t.status == 200, t
    r = visitor.refresh(t.json["refresh_token"])
    assert r.status == 200, r
