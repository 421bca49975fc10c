"""An authenticator app beside the password: what its codes open, and who learns what of them."""

from __future__ import annotations

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from counterfoil.access.caller import Method
from counterfoil.audit.record import entries
from counterfoil.directory.enroll import deactivate
from counterfoil.feed.event import SecretTaken
from counterfoil.kernel.errors import Denied
from counterfoil.kernel.ids import UserId
from counterfoil.kernel.page import Wanted
from counterfoil.notices.read import list_notices
from counterfoil.runtime.database import metadata
from counterfoil.runtime.seal import Seal
from counterfoil.signin import totp
from counterfoil.signin.accounts import show_account
from counterfoil.signin.invite import invite
from counterfoil.signin.second import add_second, remove_second, renew_codes, show_second
from counterfoil.signin.store import seconds
from support.office import StandingClock
from support.second import AUTHENTICATOR, App, enter, sent
from support.signin import ADA, BEN, PASSWORD, House, Visitor

RFC = base64.b32encode(b"12345678901234567890").decode()


@pytest.fixture
def app(visitor: Visitor) -> App:
    return App(visitor)


def test_the_password_alone_opens_nothing(house: House, app: App) -> None:
    """With an app set up the password asks for its code, of this half minute or a neighbour."""
    assert enter(house, None).status == 401
    assert enter(house, app.code()).status == 204
    assert enter(house, app.code(1)).status == 204
    assert enter(house, None, ADA).status == 204  # hers is asked for none


@pytest.mark.parametrize("later", [-2, 2, -100])
def test_a_code_of_another_time_is_none(house: House, app: App, later: int) -> None:
    """A code of a minute ago, or of a minute from now, is no code (RFC 6238 §5.2)."""
    assert enter(house, app.code(later)).status == 401


def test_no_code_is_good_twice(house: House, app: App, clock: StandingClock) -> None:
    """Neither a code that was used, nor an older one of the window, nor the one of enrolment."""
    clock.move_on(seconds=30)
    code, before = app.code(), app.code(-1)
    assert enter(house, code).status == 204
    assert enter(house, code).status == 401
    assert enter(house, before).status == 401
    clock.move_on(seconds=30)
    assert enter(house, app.code()).status == 204


def test_of_two_at_once_one_comes_in(house: House, app: App) -> None:
    """A code that two show at the same moment lets one of them in."""
    code = app.code()
    with ThreadPoolExecutor(2) as pool:
        seen = [one.status for one in pool.map(lambda _: enter(house, code), range(2))]
    assert sorted(seen) == [204, 401]


def test_nobody_learns_which_was_wrong(house: House, app: App) -> None:
    """A wrong password, a wrong code, both, none, or nobody: one answer, and one entry (S7)."""
    seen = [
        enter(house, app.code(), password="wrong password"),
        enter(house, "000000"),
        enter(house, None),
        enter(house, "aaaa-aaaa-aaaa-aaaa"),
        enter(house, "no code at all \u0661"),
        enter(house, "000000", password="wrong password"),
    ]
    stranger = enter(house, "000000", "nobody@example.com")
    assert {(one.status, one.body) for one in seen} == {(401, stranger.body)}
    assert house.trail()[-len(seen) :] == [("signin.fail", "WRONG_PASSWORD")] * len(seen)
    assert enter(house, app.code()).status == 204  # what failed used nothing up


def test_guesses_are_counted(house: House, app: App) -> None:
    """Who has the password and guesses codes waits as one who guesses passwords does (S43)."""
    for number in range(10):
        assert enter(house, f"{number:06}").status == 401
    assert enter(house, app.code()).status == 429


def test_each_recovery_code_is_good_once(house: House, app: App) -> None:
    """Whoever lost the app comes in by each of ten codes once, however it is typed."""
    assert len(set(app.recovery)) == totp.RECOVERY_CODES
    first, second = app.recovery[:2]
    assert enter(house, first).status == 204
    assert enter(house, first).status == 401
    assert enter(house, f" {second.upper().replace('-', ' ')} ").status == 204
    with house.office.database.reading() as tx:
        held = seconds.of_user(tx, house.ben)
    assert held is not None
    assert held.recovery_left == totp.RECOVERY_CODES - 2
    assert enter(house, app.recovery[2], ADA).status == 204  # which is asked for none
    assert enter(house, app.recovery[2]).status == 204


def test_new_recovery_codes_void_the_old_ones(house: House, app: App) -> None:
    """Whoever has new ones keeps the app; old ones, and other sessions, are over (S20, S44)."""
    other = Visitor(house.office)
    other.go("POST", "/signin", json={"email": BEN, "password": PASSWORD, "code": app.recovery[0]})
    done = sent(app.visitor, f"{AUTHENTICATOR}/codes")
    assert done.status == 200
    new = re.findall(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}", done.body.decode())
    assert len(set(new)) == totp.RECOVERY_CODES
    assert other.go("GET", "/settings/security").status == 303
    assert app.visitor.go("GET", "/settings/security").status == 200
    assert {enter(house, one).status for one in app.recovery[1:4]} == {401}
    assert [enter(house, one).status for one in (new[0], new[0], app.code())] == [204, 401, 204]
    with house.looking(house.ben) as work:
        told = list_notices(work, Wanted(), unread=False).items[0]
    assert told.kind == "recovery_codes_renewed"
    assert told.mail_due_at is not None
    with house.office.database.reading() as tx:
        assert "recovery_code.renew" in set(tx.scalars(select(entries.c.operation)))


def test_new_recovery_codes_take_a_fresh_proof_and_an_app(
    house: House, app: App, clock: StandingClock
) -> None:
    """Nobody gets codes by a session that was left open, or beside no app (S44)."""
    clock.move_on(minutes=16)
    assert sent(app.visitor, f"{AUTHENTICATOR}/codes").status == 403
    assert enter(house, app.recovery[0]).status == 204
    hers = Visitor(house.office)
    hers.sign_in(ADA)
    assert sent(hers, f"{AUTHENTICATOR}/codes").status == 404


def test_another_password_takes_a_code_too(house: House, app: App) -> None:
    """The password is not changed by the password alone (S44)."""
    wanted = {"email": BEN, "password": PASSWORD, "new_password": "staple in a haystack"}
    visitor = Visitor(house.office)
    assert visitor.go("POST", "/password", json=wanted).status == 401
    assert visitor.go("POST", "/password", json={**wanted, "code": app.code()}).status == 204
    assert visitor.go("POST", "/password", form={**wanted, "code": app.code()}).status == 401


def test_a_fresh_proof_takes_a_code(house: House, app: App, clock: StandingClock) -> None:
    """Who proves again who they are by their password shows a code with it (S44)."""
    visitor = Visitor(house.office)
    visitor.go("POST", "/signin", json={"email": BEN, "password": PASSWORD, "code": app.code()})
    clock.move_on(minutes=16)
    asked = sent(visitor, f"{AUTHENTICATOR}/remove")
    assert asked.status == 403
    assert 'name="_code"' in asked.body.decode()
    proof = {"_email": BEN, "_password": PASSWORD}
    assert sent(visitor, f"{AUTHENTICATOR}/remove", **proof).status == 401
    assert sent(visitor, f"{AUTHENTICATOR}/remove", **proof, _code=app.code()).status == 303
    assert enter(house, None).status == 204


def test_it_begins_with_a_code_that_works(house: House, visitor: Visitor) -> None:
    """Nothing is asked for before the app has shown a code, and a form of one's own makes none."""
    visitor.sign_in(BEN)
    salt = base64.urlsafe_b64encode(b"s" * 32).decode()
    assert sent(visitor, AUTHENTICATOR, salt=salt, code="000000").status == 422
    for odd in ("", "AAAA", "\u00e9" * 44, base64.urlsafe_b64encode(b"s" * 33).decode()):
        assert sent(visitor, AUTHENTICATOR, salt=odd, code="000000").status == 400
    assert enter(house, None).status == 204
    App(visitor)
    again = sent(visitor, AUTHENTICATOR, salt=salt, code="000000")
    assert again.status == 422


def test_who_adds_or_removes_it_is_told_and_others_are_out(house: House, app: App) -> None:
    """Both end every other session, stand in the trail, and come as a notice by mail (S44)."""
    other = Visitor(house.office)
    other.go("POST", "/signin", json={"email": BEN, "password": PASSWORD, "code": app.code()})
    assert other.go("GET", "/settings/security").status == 200
    assert sent(app.visitor, f"{AUTHENTICATOR}/remove").status == 303
    assert other.go("GET", "/settings/security").status == 303
    assert app.visitor.go("GET", "/settings/security").status == 200
    assert sent(app.visitor, f"{AUTHENTICATOR}/remove").status == 404
    with house.looking(house.ben) as work:
        told = list_notices(work, Wanted(), unread=False).items
    assert [one.kind for one in told] == ["second_factor_removed", "second_factor_added"]
    assert all(one.mail_due_at is not None for one in told)
    with house.office.database.reading() as tx:
        done = set(tx.scalars(select(entries.c.operation)))
    assert {"second_factor.add", "second_factor.remove"} <= done


def test_who_looks_after_members_sees_who_has_one(house: House, app: App) -> None:
    """Of whom the password asks for a code is told with how they sign in, and of nobody else."""

    def told() -> list[bool]:
        with house.looking(house.ada) as work:
            return [show_account(work, one).ways.second for one in (house.ben, house.ada)]

    assert told() == [True, False]
    sent(app.visitor, f"{AUTHENTICATOR}/remove")
    assert told() == [False, False]


def test_a_restore_knows_that_there_was_an_app(house: House, visitor: Visitor) -> None:
    """Setting one up is told to the journal: a backup without it opens no account by half (R12)."""
    before = house.head()
    App(visitor)
    told = [one.user for one in house.events(before) if isinstance(one, SecretTaken)]
    assert told == [house.ben]


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE])
def test_no_token_touches_it(house: House, app: App, method: Method) -> None:
    """What a person proves themselves by is no matter of a token's (S17)."""
    with pytest.raises(Denied), house.acting(house.ben, method) as work:
        remove_second(work)
    with pytest.raises(Denied), house.acting(house.ben, method) as work:
        add_second(work, b"s" * 32, "000000")
    with pytest.raises(Denied), house.acting(house.ben, method) as work:
        renew_codes(work)
    assert enter(house, app.code()).status == 204


def test_a_code_of_an_admin_begins_anew(house: House, app: App) -> None:
    """Who is let in by somebody's one-time code has lost the app, as the password (S20)."""
    assert app.recovery
    with house.acting(house.ada) as work:
        given = invite(work, house.ben)
    chosen = {"code": given.code.reveal(), "password": "staple in a haystack"}
    assert Visitor(house.office).go("POST", "/setup", json=chosen).status == 204
    assert enter(house, None, password="staple in a haystack").status == 204


def test_who_is_shut_out_learns_nothing(house: House, app: App) -> None:
    """A person who may not come in gets the same answer, with a right code and without (S20)."""
    with house.acting(house.ada) as work:
        deactivate(work, house.ben)
    assert enter(house, app.code()).body == enter(house, None).body
    assert enter(house, app.code()).status == 401


def test_the_database_holds_no_key(house: House, app: App) -> None:
    """Neither the key of the app nor a code stands in any table: who reads them makes none (S9)."""
    key = base64.b32decode(app.key)
    wanted = [app.key.encode(), key, key.hex().encode()]
    wanted += [one.encode() for one in app.recovery]
    wanted += [one.replace("-", "").encode() for one in app.recovery]
    with house.office.database.reading() as tx:
        for table in metadata.sorted_tables:
            for row in tx.execute(select(table)):
                held = b" ".join(
                    bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode()
                    for one in row
                )
                assert not [one for one in wanted if one in held], table.name
    page = app.visitor.go("GET", "/settings/security").body
    assert not [one for one in wanted if one in page]
    with house.looking(house.ben) as work:
        assert app.key not in repr(show_second(work))


@pytest.mark.parametrize(
    ("seconds_", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ],
)
def test_codes_are_those_of_the_standard(seconds_: int, code: str) -> None:
    """The vectors of RFC 6238 (appendix B, SHA-1), by their last six digits."""
    now = datetime.fromtimestamp(seconds_, UTC)
    told = totp.shown(RFC, UserId(1), f"{code[:3]} {code[3:]}", now)
    assert told == totp.Shown(step=seconds_ // 30)


def test_a_key_is_of_one_person_and_one_installation() -> None:
    """The random part of somebody else, or under another key, makes another key (S5)."""
    mine, theirs = Seal(b"a" * 32), Seal(b"b" * 32)
    made = {
        totp.secret_of(mine, UserId(1), b"s" * 32),
        totp.secret_of(mine, UserId(2), b"s" * 32),
        totp.secret_of(mine, UserId(1), b"t" * 32),
        totp.secret_of(theirs, UserId(1), b"s" * 32),
    }
    assert len(made) == 4
