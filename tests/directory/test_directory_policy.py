"""Policies and their presets, as data and as behaviour."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from counterfoil.access.caller import Method
from counterfoil.directory import Policy, after, policy
from counterfoil.directory.edit_policy import changed, edit_policy
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.rules import EDITABLE, sound
from counterfoil.directory.show import show_policy
from counterfoil.feed.event import OrganizationRecorded
from counterfoil.kernel.entropy import Entropy
from counterfoil.kernel.errors import Code, Denied, Invalid, Stale, Unconditional
from counterfoil.office import Office
from counterfoil.runtime.database import Database
from support.directory import Company
from support.office import ORIGIN, START, StandingClock, office_on

K10 = {
    "default": (5, "all_but_admins", "P2Y", False, "explicit", "one", True),
    "amplience": (5, "all_but_admins", None, True, "inherit", "one", True),
    "datocms": (None, "nobody", None, True, "role", "one", True),
    "dx": (None, "nobody", None, True, "explicit", "one", True),
    "squiz": (None, "nobody", None, True, "user", "one", False),
    "agility": (10, "nobody", "P2Y", False, "inherit", "all", True),
}


@pytest.fixture
def acme(any_database: Database, clock: StandingClock, entropy: Entropy) -> Company:
    return Company(office_on(any_database, clock, entropy))


def of(company: Company) -> Policy:
    with company.office.database.reading() as tx:
        return policy(tx, company.id)


def edit(company: Company, preset: str | None = None, **changes: Any) -> Policy:
    with company.acting(company.ada) as work:
        return edit_policy(work, of(company).version, changes, preset)


@pytest.mark.parametrize("name", list(K10))
def test_presets_are_the_published_table(name: str) -> None:
    """Each column of each preset is as published (K10)."""
    preset = PRESETS[name]
    assert preset.preset == name
    vendor = {"datocms": "role", "squiz": "user"}.get(name)
    mode = preset.api_token_authority if vendor else preset.scope_mode_default
    assert (
        preset.quota,
        preset.approval,
        preset.lifetime_max,
        preset.allow_no_expiration,
        mode,
        preset.span,
        preset.api_tokens_start_enabled,
    ) == K10[name]


def test_no_preset_but_the_published_ones() -> None:
    """There are six presets, and each makes sense by its own rules (K10)."""
    assert set(PRESETS) == set(K10)
    for preset in PRESETS.values():
        assert sound(preset) == preset


def test_another_preset_opens_nothing_that_was_closed(acme: Company) -> None:
    """Whoever takes another preset keeps from where and to whom tokens are good (I2)."""
    role = str(acme.roles["admin"].id)
    fence: dict[str, Any] = {
        "ip_ranges": ("192.0.2.0/24",),
        "token_roles": (role,),
        "idle_days": 90,
    }
    before = edit(acme, **fence)
    after = edit(acme, "dx")
    assert (after.preset, after.quota, after.version) == ("dx", None, before.version + 1)
    assert {name: getattr(after, name) for name in fence} == fence
    assert edit(acme, "default", ip_ranges=None).ip_ranges is None


def test_presets_differ_where_the_vendors_do() -> None:
    """Hourly limit, replaced secrets, cascade and managers follow the vendors (K10, K12, Q2)."""
    assert {name for name, one in PRESETS.items() if one.creations_per_hour} == {"agility"}
    assert PRESETS["agility"].creations_per_hour == 5
    assert {name for name, one in PRESETS.items() if not one.regenerate_allowed} == {"squiz"}
    assert {name for name, one in PRESETS.items() if not one.cascade} == {"datocms"}
    assert {name for name, one in PRESETS.items() if one.admins_only_api_tokens} == {"squiz"}
    assert all(one.management_limit == 30 for one in PRESETS.values())
    assert all(one.management_window_ms == 3_000 for one in PRESETS.values())
    assert all(one.request_lapse == "P14D" for one in PRESETS.values())


@pytest.mark.parametrize("name", list(PRESETS))
def test_an_organization_begins_with_its_preset(office: Office, name: str) -> None:
    """Whatever preset an organization is founded with is its policy, column for column (K10)."""
    assert of(Company(office, preset=name)) == PRESETS[name]


@pytest.mark.parametrize("name", list(PRESETS))
def test_an_organization_changes_to_a_preset(acme: Company, name: str) -> None:
    """An organization takes another preset in one step, and nothing of the old one stays (K10)."""
    edit(acme, quota=2, approval="everybody", delivery_rate=5.5)
    now = edit(acme, preset=name)
    assert of(acme) == now
    assert {field: getattr(now, field) for field in EDITABLE} == {
        field: getattr(PRESETS[name], field) for field in EDITABLE
    }


def test_the_default_policy(acme: Company) -> None:
    """Five tokens, approval for all but admins, two years, no token without end (A6, K1, K8)."""
    now = of(acme)
    assert (now.quota, now.approval) == (5, "all_but_admins")
    assert (now.lifetime_max, now.lifetime_default) == ("P2Y", "P30D")
    assert not now.allow_no_expiration


def test_the_version_that_was_seen_counts(acme: Company) -> None:
    """Of two edits upon the same version the second is refused and changes nothing (S22)."""
    assert edit(acme, quota=3).version == 2
    with pytest.raises(Stale), acme.acting(acme.ada) as work:
        edit_policy(work, 1, {"quota": 9})
    assert of(acme).quota == 3
    with pytest.raises(Unconditional), acme.acting(acme.ada) as work:
        edit_policy(work, None, {"quota": 9})


def test_an_old_sign_in_sets_no_policy(acme: Company) -> None:
    """Whoever proved who they are over 15 minutes ago changes no rule of the house (S44)."""
    before = of(acme)
    old = replace(acme.caller(acme.ada), authenticated_at=START - timedelta(minutes=16))
    with pytest.raises(Denied) as refusal, acme.office.work(old, ORIGIN) as work:
        edit_policy(work, before.version, {"approval": "nobody"})
    assert refusal.value.code is Code.STEP_UP_REQUIRED
    assert of(acme) == before


def test_the_gates_hear_of_limits_alone(acme: Company) -> None:
    """A change of limits is news to the gates, and any other is none (D12)."""
    before = acme.head()
    edit(acme, quota=3)
    assert acme.head() == before
    edit(acme, management_limit=60, delivery_rate=10.0)
    assert acme.events(before) == [
        OrganizationRecorded(
            organization=acme.id,
            name="Acme",
            management_limit=60,
            management_window_ms=3_000,
            delivery_rate=10.0,
        )
    ]


def test_nothing_new_is_no_version(acme: Company) -> None:
    """An edit that changes nothing leaves the version (S22)."""
    assert edit(acme, quota=5).version == 1


@pytest.mark.parametrize("method", [Method.PERSONAL, Method.SERVICE, Method.EXCHANGED])
def test_no_token_edits_the_policy(acme: Company, method: Method) -> None:
    """A token reads the policy and never edits it, though an admin's (G9)."""
    with acme.looking(acme.ada, method) as work:
        assert show_policy(work) == of(acme)
    with pytest.raises(Denied), acme.acting(acme.ada, method) as work:
        edit_policy(work, 1, {"quota": 50})


def test_a_member_reads_the_policy_and_leaves_it(acme: Company) -> None:
    """Who may not manage the policy may still know it."""
    ben = acme.hire("Ben", "reader")
    with acme.looking(ben) as work:
        assert show_policy(work).approval == "all_but_admins"
    with pytest.raises(Denied), acme.acting(ben) as work:
        edit_policy(work, 1, {"approval": "nobody"})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"quota": -1}, "quota"),
        ({"quota": 1_001}, "quota"),
        ({"management_limit": 0}, "management_limit"),
        ({"management_window_ms": 99}, "management_window_ms"),
        ({"lock_minutes": 0}, "lock_minutes"),
        ({"lock_minutes": 10_081}, "lock_minutes"),
        ({"delivery_rate": 0.0}, "delivery_rate"),
        ({"delivery_rate": float("inf")}, "delivery_rate"),
        ({"delivery_rate": float("nan")}, "delivery_rate"),
        ({"lifetime_max": "2 years"}, "lifetime_max"),
        ({"lifetime_max": "P101Y"}, "lifetime_max"),
        ({"lifetime_default": "P3Y"}, "lifetime_default"),
        ({"lifetime_default": None}, "lifetime_default"),
        ({"lifetime_default": ""}, "lifetime_default"),
        ({"request_lapse": "P0D"}, "request_lapse"),
        ({"version": 7}, "version"),
        ({"lifetime_ceiling": None}, "lifetime_ceiling"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], field: str) -> None:
    """A policy that contradicts itself or cannot be is refused by the name of the field (S38)."""
    with pytest.raises(Invalid) as refusal:
        changed(Policy(), None, changes)
    assert refusal.value.field == f"/data/attributes/{field}"


def test_an_unknown_preset_is_refused(acme: Company) -> None:
    """A preset that is not published is refused (K10)."""
    with pytest.raises(Invalid) as refusal:
        edit(acme, preset="joomla")
    assert refusal.value.field == "/data/attributes/preset"


@pytest.mark.parametrize("longer", ["P2Y1D", "P731D", "P25M", None])
def test_under_agility_the_limit_is_two_years_or_less(longer: str | None) -> None:
    """The two years of agility may be shortened and never lengthened or lifted (G10)."""
    with pytest.raises(Invalid):
        changed(PRESETS["agility"], None, {"lifetime_max": longer})
    with pytest.raises(Invalid):
        changed(PRESETS["agility"], None, {"allow_no_expiration": True})
    shorter = changed(PRESETS["agility"], None, {"lifetime_max": "P1Y"})
    assert (shorter.lifetime_max, shorter.lifetime_default) == ("P1Y", "P1Y")


def test_under_dx_three_years_are_fine() -> None:
    """Under dx no lifetime is too long, and a token may have no end (K1)."""
    assert PRESETS["dx"].lifetime_max is None
    assert PRESETS["dx"].allow_no_expiration


def test_a_default_follows_a_shorter_limit() -> None:
    """Who shortens the limit, or forbids tokens without end, need not set the default (K1)."""
    assert changed(Policy(), None, {"lifetime_max": "P7D"}).lifetime_default == "P7D"
    strict = changed(PRESETS["amplience"], None, {"allow_no_expiration": False})
    assert strict.lifetime_default == "P30D"


@given(
    st.sampled_from(list(PRESETS)),
    st.sampled_from(["P1D", "P30D", "P1M", "P1Y", "P730D", "P2Y", "P3Y", None]),
    st.sampled_from(["P1D", "P30D", "P31D", "P1M", "P2Y", "P3Y", None]),
    st.booleans(),
    st.datetimes(datetime(2020, 1, 1), datetime(2090, 1, 1)),  # noqa: DTZ001
)
def test_no_default_outlives_its_limit(
    preset: str, limit: str | None, default: str | None, endless: object, naive: datetime
) -> None:
    """Whatever policy is accepted, its default lifetime ends within its limit (K1, G10)."""
    changes = {
        "lifetime_max": limit,
        "lifetime_default": default,
        "allow_no_expiration": bool(endless),
    }
    try:
        accepted = changed(PRESETS[preset], None, changes)
    except Invalid:
        return
    start = naive.replace(tzinfo=UTC)
    if accepted.lifetime_default is None:
        assert accepted.allow_no_expiration
    elif accepted.lifetime_max is not None:
        assert after(start, accepted.lifetime_default) <= after(start, accepted.lifetime_max)
