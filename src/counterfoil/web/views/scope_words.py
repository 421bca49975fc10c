"""Scopes in the words of people: what each is for, and under which heading it is offered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from counterfoil.access.scope import MEANING, Scope
from counterfoil.kernel.sentence import Say
from counterfoil.web.language import N_

HEADINGS: Final = MappingProxyType(
    {
        "content": N_("Content"),
        "content-types": N_("Content types"),
        "assets": N_("Assets"),
        "tokens": N_("Tokens"),
        "users": N_("People"),
        "roles": N_("Roles"),
        "policy": N_("Policy"),
        "audit": N_("Audit trail"),
        "apis": N_("APIs"),
        "gates": N_("Gates"),
    }
)
"""What stands above the built-in scopes of each resource."""

DEEDS: Final = MappingProxyType(
    {
        Scope.CONTENT_READ: N_("read content"),
        Scope.CONTENT_WRITE: N_("change content"),
        Scope.CONTENT_PUBLISH: N_("publish content"),
        Scope.CONTENT_DELETE: N_("delete content"),
        Scope.CONTENT_TYPES_READ: N_("read content types"),
        Scope.CONTENT_TYPES_WRITE: N_("change content types"),
        Scope.ASSETS_READ: N_("read assets"),
        Scope.ASSETS_WRITE: N_("change assets"),
        Scope.TOKENS_MANAGE: N_("manage API tokens"),
        Scope.TOKENS_APPROVE: N_("decide on requests"),
        Scope.USERS_READ: N_("read who is a member"),
        Scope.USERS_MANAGE: N_("manage members"),
        Scope.ROLES_READ: N_("read roles"),
        Scope.ROLES_MANAGE: N_("manage roles"),
        Scope.POLICY_MANAGE: N_("change the policy"),
        Scope.AUDIT_READ: N_("read the audit trail"),
        Scope.APIS_MANAGE: N_("manage APIs"),
        Scope.GATES_INTROSPECT: N_("ask about tokens as a gate"),
    }
)
"""What each built-in scope lets one do, as it stands in the middle of a sentence."""


MEANINGS: Final = (
    N_("Read entries and nodes"),
    N_("Create, change and move entries and nodes"),
    N_("Put entries on delivery and take them off it"),
    N_("Put entries and nodes into the trash and restore them"),
    N_("Read content types"),
    N_("Create, change and delete content types"),
    N_("Read assets"),
    N_("Create and change assets"),
    N_("Manage the organization's API tokens and key-and-secret pairs"),
    N_("Decide on requests, and list, disable and revoke people's tokens"),
    N_("Read the members of the organization"),
    N_("Enrol members, change their roles and shut them out"),
    N_("Read roles"),
    N_("Create, change and delete roles"),
    N_("Change the policy of the organization"),
    N_("Read the audit trail"),
    N_("Register, change and retire APIs with scopes of their own"),
    N_("Ask the office about tokens, as a gate"),
)
"""`scope.MEANING` as it stands in the catalogues: a test holds the two together."""


@dataclass(frozen=True, slots=True)
class Group:
    """The scopes of one resource, each with what it is for.

    `levels` are the sets that one press ticks, the smallest first: `none`, `read`, `write`, `all`.
    """

    label: str
    scopes: tuple[tuple[str, str], ...]

    @property
    def levels(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Return each level that differs from the one before; none where one box says it all."""
        names = tuple(name for name, _ in self.scopes)
        if len(names) == 1:
            return ()
        found: list[tuple[str, tuple[str, ...]]] = [("none", ())]
        for level, actions in (("read", {"read"}), ("write", {"read", "write"})):
            some = tuple(name for name in names if name.partition(":")[2] in actions)
            if len(some) > len(found[-1][1]):
                found.append((level, some))
        return tuple(found) if found[-1][1] == names else (*found, ("all", names))


def grouped(names: Iterable[str], say: Say) -> list[Group]:
    """Return scopes under their headings.

    A scope of a registered API stands under the name of its resource, and says no more than that.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in in_order(names):
        groups.setdefault(name.partition(":")[0], []).append((name, meaning(name, say)))
    return [Group(say(HEADINGS.get(key, key)), tuple(some)) for key, some in groups.items()]


def in_order(names: Iterable[str]) -> tuple[str, ...]:
    """Return scopes in the order of `Scope`, and those of registered APIs after them."""
    wanted = set(names)
    built_in = [str(scope) for scope in Scope if str(scope) in wanted]
    return (*built_in, *sorted(wanted.difference(built_in)))


def meaning(name: str, say: Say) -> str:
    """Return what a scope allows, in a few words; empty for one that an API brought along."""
    scope = _built_in(name)
    return "" if scope is None else say(MEANING[scope])


def deed(name: str, say: Say) -> str:
    """Return what a scope lets one do; its own name, if an API brought it along."""
    scope = _built_in(name)
    return name if scope is None else say(DEEDS[scope])


def _built_in(name: str) -> Scope | None:
    try:
        return Scope(name)
    except ValueError:
        return None
