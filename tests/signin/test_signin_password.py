"""A person changes their own password: by the one that they have."""

from __future__ import annotations

import pytest

from counterfoil.access.caller import Method
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Denied
from counterfoil.operation import OPERATIONS
from counterfoil.signin import digest_password, set_password
from counterfoil.signin.choose import change
from support.office import ORIGIN, session
from support.signin import ADA, PASSWORD, House, Seen, Visitor

FRESH = "another good one"


def ask(visitor: Visitor, password: str = PASSWORD, new: str = FRESH, email: str = ADA) -> Seen:
    body = {"email": email, "password": password, "new_password": new}
    return visitor.go("POST", "/password", json=body)


def test_a_new_password_ends_every_session(house: House, visitor: Visitor) -> None:
    """Changing the password kills all sessions, and the old password with them (S44)."""
    tokens = visitor.tokens()
    assert ask(Visitor(house.office)).status == 204
    assert house.live() == set()
    assert visitor.refresh(tokens["refresh_token"]).error == "invalid_grant"
    assert visitor.authorize().headers["Location"].startswith("/signin")
    assert visitor.sign_in().status == 401
    assert visitor.sign_in(ADA, FRESH).status == 204


def test_the_form_does_as_the_program(visitor: Visitor) -> None:
    """A browser gets a form, and a page that says what is wrong or leads to the sign-in."""
    page = visitor.go("GET", "/password")
    assert (page.status, b'name="new_password"' in page.body) == (200, True)
    wanted = {"email": ADA, "password": "wrong", "new_password": FRESH}
    wrong = visitor.go("POST", "/password", form=wanted, accept="text/html")
    assert (wrong.status, b"is wrong" in wrong.body) == (401, True)
    wanted |= {"password": PASSWORD}
    done = visitor.go("POST", "/password", form=wanted, accept="text/html")
    assert (done.status, done.headers["Location"]) == (303, "/signin")
    assert visitor.sign_in(ADA, FRESH).status == 204


@pytest.mark.parametrize("twice", ["email", "password", "new_password"])
def test_a_field_given_twice_is_refused(visitor: Visitor, twice: str) -> None:
    """A form that can be read in two ways is 400, and the password stays (S38)."""
    form = f"email=ada%40acme.test&password={PASSWORD.replace(' ', '+')}&new_password={FRESH}"
    seen = visitor.go("POST", "/password", form=f"{form}&{twice}=x", accept="text/html")
    assert (seen.status, b"is given twice" in seen.body) == (400, True)
    assert visitor.sign_in().status == 204


def test_the_old_password_is_asked(visitor: Visitor) -> None:
    """Without the old password there is no new one, and nobody and wrong answer alike (S7)."""
    wrong = ask(visitor, "not that one")
    assert (wrong.status, wrong.error) == (401, "WRONG_PASSWORD")
    assert ask(visitor, email="nobody@example.com") == wrong
    assert visitor.sign_in().status == 204


def test_the_door_is_watched_as_the_other(visitor: Visitor) -> None:
    """Failures at this door and at the sign-in are counted together (S43)."""
    for _ in range(5):
        ask(visitor, "wrong")
        visitor.sign_in(ADA, "wrong")
    seen = ask(visitor, "wrong")
    assert (seen.status, seen.error) == (429, "RATE_LIMIT_EXCEEDED")


@pytest.mark.parametrize("new", ["", "x" * 11, "x" * 513])
def test_a_bad_one_names_its_field(visitor: Visitor, new: str) -> None:
    """A new password that cannot be is refused by its field, and the old one stays (S6)."""
    seen = ask(visitor, new=new)
    assert (seen.status, seen.json["errors"][0]["source"]) == (422, {"pointer": "/new_password"})
    assert visitor.sign_in().status == 204


@pytest.mark.parametrize(
    ("path", "whole"),
    [
        ("/password", {"email": ADA, "password": PASSWORD, "new_password": FRESH}),
        ("/setup", {"code": "x", "password": FRESH}),
    ],
)
def test_what_is_missing_or_too_much_is_named(
    visitor: Visitor, path: str, whole: dict[str, str]
) -> None:
    """A form or a body with a member missing or too much is refused by that member's name."""
    for name in whole:
        less = {key: value for key, value in whole.items() if key != name}
        for seen in (visitor.go("POST", path, form=less), visitor.go("POST", path, json=less)):
            assert (seen.status, seen.json["errors"][0]["source"]["pointer"]) == (422, f"/{name}")
    more = {**whole, "admin": "yes"}
    for seen in (visitor.go("POST", path, form=more), visitor.go("POST", path, json=more)):
        assert (seen.status, seen.json["errors"][0]["source"]["pointer"]) == (422, "/admin")


@pytest.mark.parametrize("path", ["/password", "/setup"])
def test_no_other_site_does_it(visitor: Visitor, path: str) -> None:
    """A form on somebody else's page is refused before anything is read of it (S45)."""
    seen = visitor.go("POST", path, form={"password": PASSWORD}, sec_fetch_site="cross-site")
    assert seen.status == 403
    elsewhere = Visitor(visitor.office, host="cms.example.com")
    assert elsewhere.go("POST", path, form={"password": PASSWORD}).status == 400


def test_no_session_sets_a_password(house: House) -> None:
    """An open session is not enough to change a password: one's own or anybody's (S44)."""
    assert OPERATIONS["password.set"].methods == {Method.SYSTEM}
    admin = session(house.ada, organization=house.id)
    with pytest.raises(Denied), house.office.work(admin, ORIGIN) as work:
        set_password(work, house.ada, house.digested)


def test_of_two_changes_at_once_one_counts(
    house: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was proved against the old password is worth nothing once there is a new one (S44)."""
    real = digest_password

    def digest_late(password: str, entropy: Entropy) -> str:
        with house.operating() as work:
            set_password(work, house.ada, real("the other was quicker", entropy))
        return real(password, entropy)

    monkeypatch.setattr("counterfoil.signin.choose.digest_password", digest_late)
    with pytest.raises(Exception, match="WRONG_PASSWORD"):
        change(house.office, ADA, PASSWORD, FRESH, ORIGIN)
    assert visitor.sign_in(ADA, "the other was quicker").status == 204
