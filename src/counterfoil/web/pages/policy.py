"""The policy of the organization: what it is, what another would do, and the change (K8, K10)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from counterfoil.access.scope import Scope
from counterfoil.directory import Policy, member, roles_in
from counterfoil.directory.edit_policy import edit_policy
from counterfoil.directory.presets import PRESETS
from counterfoil.directory.show import show_policy
from counterfoil.jsonapi.fault import status_of
from counterfoil.jsonapi.parameter import one_of
from counterfoil.jsonapi.route import Answer
from counterfoil.kernel.errors import Code, Invalid
from counterfoil.operation import Work
from counterfoil.secret import Kind
from counterfoil.signin.steps.vouched import count_unlinked
from counterfoil.tokens.outgrow import TOGETHER
from counterfoil.tokens.preview_policy import Fate, Impact, Stopped, preview_policy
from counterfoil.web import shell
from counterfoil.web.language import N_
from counterfoil.web.notice import Notice
from counterfoil.web.page import Nav, Page, Visit
from counterfoil.web.views import live, policy_form, policy_words, stopped
from counterfoil.web.views.policy_fields import FIELDS, PARTS
from counterfoil.web.views.scope_words import in_order, meaning

PATH: Final = "/policy"
_TITLE: Final = N_("Organization policy")
_STALE: Final = status_of(Code.STALE_VERSION)
_AHEAD: Final = timedelta(days=30)
_WHERE: Final = {
    Kind.PERSONAL: "/tokens",
    Kind.SERVICE: "/content-api-manager",
    Kind.CLIENT: "/key-pairs",
}


@dataclass(frozen=True, slots=True)
class Change:
    """What a field says now, and what it would."""

    label: str
    before: str
    after: str


def show(visit: Visit) -> Answer:
    """Show the policy; to who manages it as a form, which a preset may fill."""
    may = bool(visit.caller.grant.scopes & Scope.POLICY_MANAGE.bit)
    with visit.read() as work:
        policy = show_policy(work)
        roles = _roles(work)
        scopes = _scopes(visit, work, policy)
        ends = may and _is_admin(visit, work)
        under_way = may and policy.is_enforced(work.now)
        left = preview_policy(work, {}).tokens if under_way else 0
        mark = live.enforced(policy, left) if under_way else None
    if not may:
        return visit.show("policy_read", policy=policy, parts=_read(visit, policy, roles))
    preset = visit.asked.query.among("preset", PRESETS) or visit.form.text("preset") or None
    if not visit.form.values:
        values = policy_form.values_of(policy_form.shown(policy, preset))
        version = {"version": (str(policy.version),), "preset": (preset or "",)}
        visit = replace(visit, form=replace(visit.form, values={**values, **version}))
    elif (
        visit.status == _STALE
    ):  # they are told; what would change from here on, the next page says
        told = {**visit.form.values, "version": (str(policy.version),)}
        visit = replace(visit, form=replace(visit.form, values=told))
    return visit.show(
        "policy",
        policy=policy,
        left=left,
        mark=mark and live.sealed(visit, mark),
        altered=policy_form.values_of(policy) != policy_form.values_of(PRESETS[policy.preset]),
        preset=preset,
        ends=ends,
        parts=PARTS,
        roles=[(id_, name, "") for id_, name in roles.items()],
        scopes=scopes,
        units=policy_words.UNITS,
        labels=[FIELDS[one].label for one in policy_words.TABLE],
        presets=policy_words.presets(visit),
    )


def foresee(visit: Visit) -> Answer:
    """Say what the policy in the form would do, and ask to whom it shall apply."""
    with visit.read() as work:
        changes, preset = policy_form.changes_in(visit.form, show_policy(work))
        impact = preview_policy(work, {**changes, "enforce_at": None}, preset, _version(visit))
        roles = _roles(work)
        asks = impact.after.provider_only and not impact.before.provider_only
        here, office = work.caller.organization, visit.asked.office
        unknown = count_unlinked(office, work.tx, here) if asks else None
    return visit.show(
        "policy_impact",
        impact=impact,
        unknown=unknown,
        changes=_changes(visit, impact, roles),
        preset=preset,
        rows=[(one, _path(one)) for one in impact.fates],
        stops=[(one, _path(one)) for one in impact.stops],
        kept=[(name, value) for name, value in visit.form.kept if name not in {"enforce", "day"}],
        day=visit.form.text("day") or f"{impact.before.enforce_at or visit.now + _AHEAD:%Y-%m-%d}",
    )


def save(visit: Visit) -> Answer:
    """Save the policy, for new tokens alone or for those that are there too."""
    chosen = visit.form.text("enforce")
    with visit.work() as work:
        before = show_policy(work)
        changes, preset = policy_form.changes_in(visit.form, before)
        at = policy_form.enforced_at(visit.form, before, work.now)
        after = edit_policy(work, _version(visit), {**changes, "enforce_at": at}, preset)
    with visit.read() as now:
        under_way = show_policy(now).is_enforced(now.now)
    kept = _KEPT if _asks(after) == _asks(before) else _HOLDS
    if after.provider_only != before.provider_only:
        kept = _ENTERED
    said = _BEGUN if under_way else _SAVED.get(chosen, kept)
    return visit.go(PATH, *stopped.told(visit, work, said, num=TOGETHER))


def again(visit: Visit) -> Answer:
    """Show again what was wrong: the day on the page of the impact, all else in the form."""
    return foresee(visit) if "day" in visit.form.errors else show(visit)


def take_back(visit: Visit) -> Answer:
    """Withdraw what was announced: the limits hold for new tokens alone."""
    with visit.work() as work:
        edit_policy(work, _version(visit), {"enforce_at": None})
    return visit.go(PATH, Notice(visit.say(_WITHDRAWN)))


_KEPT: Final = N_("Saved: the policy holds for what is asked for from now on.")
_HOLDS: Final = N_("Saved: what the policy asks of every token holds from now on.")
_ENTERED: Final = N_("Saved: it holds at once for everybody who is signed in.")
_SAVED: Final = {
    "now": N_("Saved and enforced: no token lives longer than the policy allows."),
    "date": N_("Saved and announced: whoever holds a token that falls outside is told."),
}
_BEGUN: Final = N_(
    "Saved. The %(num)s tokens that were used last have come under the policy; the others follow, "
    "and this page counts them."
)
_WITHDRAWN: Final = N_("Taken back: tokens that are there go on as they were made.")


def _is_admin(visit: Visit, work: Work) -> bool:
    user = visit.caller.user
    return user is not None and member(work.tx, work.caller.organization, user).is_admin


def _version(visit: Visit) -> int:
    text = visit.form.text("version")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - as a version is
        raise Invalid(Code.INVALID_FIELD, N_("The form says no version."), field="/version")
    return int(text)


def _roles(work: Work) -> dict[str, str]:
    """Return how the roles of the organization are called, by id."""
    return {str(one.id): one.name for one in roles_in(work.tx, work.caller.organization)}


def _scopes(visit: Visit, work: Work, policy: Policy) -> list[tuple[str, str, str]]:
    """Return the scopes that may be asked about, and those that are, each with a few words."""
    words = work.vocabulary()
    names = in_order((*words.spell(words.supported), *(policy.approval_scopes or ())))
    return [(name, name, meaning(name, visit.say)) for name in names]


def _changes(visit: Visit, impact: Impact, roles: dict[str, str]) -> list[Change]:
    """Return what would change, in words and in the order of the form."""
    return [
        Change(
            field.label,
            policy_words.spelled(visit, field, impact.before, roles),
            policy_words.spelled(visit, field, impact.after, roles),
        )
        for field in FIELDS.values()
        if getattr(impact.before, field.name) != getattr(impact.after, field.name)
    ]


def _asks(policy: Policy) -> tuple[object, ...]:
    """Return what a policy asks of every token, as `stopping` counts it."""
    return policy.token_roles, policy.ip_ranges, policy.idle_days


def _read(
    visit: Visit, policy: Policy, roles: dict[str, str]
) -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            part.title,
            [(one.label, policy_words.spelled(visit, one, policy, roles)) for one in part.fields],
        )
        for part in PARTS
    ]


def _path(one: Fate | Stopped) -> str:
    return f"{_WHERE[one.token.kind]}/{one.token.id}"


_PRESET: Final = one_of("preset", "A preset that fills the form.", PRESETS)

PAGES: Final = (
    Page(
        "GET",
        PATH,
        show,
        _TITLE,
        operation="policy.show",
        also=("policy.preview",),
        query=(_PRESET,),
        nav=Nav(shell.ACCOUNT, _TITLE, "policy", 40, needs=Scope.POLICY_MANAGE),
    ),
    Page(
        "POST",
        f"{PATH}/preview",
        foresee,
        N_("What this policy would do"),
        operation="policy.preview",
        also=("policy.show",),
        form=show,
    ),
    Page(
        "POST",
        PATH,
        save,
        _TITLE,
        operation="policy.edit",
        also=("policy.show", "policy.preview"),
        form=again,
    ),
    Page("POST", f"{PATH}/take-back", take_back, _TITLE, operation="policy.edit"),
)
