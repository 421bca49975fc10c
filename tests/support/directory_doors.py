"""The directory's doors, and what a client sends to them."""

from __future__ import annotations

from typing import Any

from counterfoil.access.caller import Method
from counterfoil.directory.doors import apis, audit_events, audit_proofs, users
from counterfoil.directory.doors import policy as policy_doors
from counterfoil.directory.doors import roles as roles_doors
from counterfoil.kernel.ids import UserId
from counterfoil.operation import OPERATIONS
from counterfoil.signin.doors import invitations
from counterfoil.signin.doors import people as management_people
from support.directory import Company
from support.doors import Probe

ROUTES = (
    *users.ROUTES,
    *management_people.ROUTES,
    *roles_doors.ROUTES,
    *apis.ROUTES,
    *policy_doors.ROUTES,
    *audit_events.ROUTES,
    *audit_proofs.ROUTES,
    *invitations.ROUTES,
)
UNKNOWN = "1000000000000000"


def knock_as(company: Company, user: UserId, method: Method = Method.SESSION) -> Probe:
    return Probe(company.office, company.caller(user, method), routes=ROUTES, operations=OPERATIONS)


def new_user(
    company: Company, email: str | None = "ben@people.test", *roles: str
) -> dict[str, Any]:
    attributes: dict[str, Any] = {"name": "Ben"}
    attributes |= {"kind": "service"} if email is None else {"email": email}
    return {
        "data": {
            "type": "user",
            "attributes": attributes,
            "relationships": {"roles": holding(company, *roles)},
        }
    }


def holding(company: Company, *roles: str) -> dict[str, Any]:
    return {"data": [{"type": "role", "id": str(company.roles[role].id)} for role in roles]}


def role(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "role", "attributes": attributes}}


def policy(**attributes: Any) -> dict[str, Any]:
    return {"data": {"type": "token_policy", "attributes": attributes}}
