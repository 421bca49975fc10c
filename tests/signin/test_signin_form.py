"""The sign-in form, and what other sites make a browser send."""

from __future__ import annotations

import pytest

from support.signin import ADA, PASSWORD, Visitor


def test_a_form_signs_in_too(visitor: Visitor) -> None:
    """A program may send a form instead of JSON, and gets the same 204."""
    seen = visitor.go("POST", "/signin", form={"email": ADA, "password": PASSWORD})
    assert (seen.status, seen.body) == (204, b"")
    assert "code" in visitor.authorize().query


@pytest.mark.parametrize(
    "form",
    [{}, {"email": ADA}, {"password": "x"}, {"email": ADA, "password": "x", "role": "admin"}],
)
def test_a_wrong_form_names_the_field(visitor: Visitor, form: dict[str, str]) -> None:
    """A missing or surplus field is named, and no attempt is counted."""
    seen = visitor.go("POST", "/signin", form=form)
    assert (seen.status, seen.error) == (422, "INVALID_FIELD")
    assert visitor.go("POST", "/signin", json=form).status == 422


@pytest.mark.parametrize(
    "headers",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "cross-site", "origin": "http://127.0.0.1:8400"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8401"},
        {"origin": "http://127.0.0.1:8400.evil.test"},
    ],
)
def test_another_site_signs_nobody_in_or_out(visitor: Visitor, headers: dict[str, str]) -> None:
    """What a browser sends for another site's page changes nothing (S45)."""
    visitor.sign_in()
    refused = visitor.go("POST", "/signout", **headers)
    assert (refused.status, refused.error) == (403, "CROSS_SITE_REQUEST")
    assert "code" in visitor.authorize().query
    assert visitor.sign_in(**headers).status == 403


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec_fetch_site": "same-origin"}, {"origin": "http://127.0.0.1:8400"}],
)
def test_our_own_page_and_programs_may(visitor: Visitor, headers: dict[str, str]) -> None:
    """Our own pages say where they are; programs say nothing (S45)."""
    assert visitor.sign_in(**headers).status == 204
    assert visitor.go("POST", "/signout", **headers).status == 204


def test_the_form_leads_back(visitor: Visitor) -> None:
    """The form keeps where one was going, and the page after it goes there and nowhere else."""
    shown = visitor.go("GET", "/signin", query={"next": '/oauth/authorize?a=1&b="2"'})
    assert shown.headers["Content-Type"].startswith("text/html")
    assert "unsafe" not in shown.headers["Content-Security-Policy"]
    assert b'value="/oauth/authorize?a=1&amp;b=&#34;2&#34;"' in shown.body
    done = visitor.go(
        "POST",
        "/signin",
        form={"email": ADA, "password": PASSWORD, "next": "/oauth/authorize?a=1"},
        accept="text/html",
    )
    assert done.status == 200
    assert b"url=/oauth/authorize?a=1" in done.body
    assert "code" in visitor.authorize().query


@pytest.mark.parametrize(
    "next_",
    [
        "https://evil.test",
        "//evil.test",
        "/\\evil.test",
        "\\/evil.test",
        "javascript:alert(1)",
        "evil",
        "/a\\b",
        "/a b",
        "/é",
        "",
    ],
)
def test_the_form_leads_nowhere_else(visitor: Visitor, next_: str) -> None:
    """An address that is not ours is forgotten (S48)."""
    shown = visitor.go("GET", "/signin", query={"next": next_})
    assert b'name="next" value=""' in shown.body
    form = {"email": ADA, "password": PASSWORD, "next": next_}
    done = visitor.go("POST", "/signin", form=form, accept="text/html")
    assert (done.status, done.headers["Location"]) == (303, "/")


def test_a_wrong_password_comes_back_to_the_form(visitor: Visitor) -> None:
    """In a browser a wrong password shows the form again, without the password."""
    form = {"email": ADA, "password": "a wrong one", "next": "/x"}
    seen = visitor.go("POST", "/signin", form=form, accept="text/html")
    assert seen.status == 401
    assert b'role="alert"' in seen.body
    assert b'value="/x"' in seen.body
    assert b"a wrong one" not in seen.body
