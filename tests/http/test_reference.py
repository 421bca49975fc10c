"""The reference is the code: nothing is served, performed or said that it does not hold."""

from __future__ import annotations

import json
import pkgutil
from importlib import import_module

import jsonschema_rs
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

import counterfoil
from counterfoil.access.scope import Scope
from counterfoil.app.routes import DOORS, PROGRAMS, ROUTES
from counterfoil.jsonapi import errors_page
from counterfoil.jsonapi.fault import EXCEPTION, REFERENCE, STATUS
from counterfoil.jsonapi.fit import inspect
from counterfoil.jsonapi.openapi_codes import statuses
from counterfoil.kernel.errors import FAMILY, MEANING, Code
from counterfoil.operation import OPERATIONS
from tools import reference

AGILITY_ITEM = "/agility/api/v1/instance/{guid}/{locale}/item/{id}"
PUBLISHING_BY_GET = {f"{AGILITY_ITEM}/publish", f"{AGILITY_ITEM}/unpublish"}


def test_every_door_is_served() -> None:
    """Every module with routes stands in the table, every route names an operation (S17)."""
    doors = {
        module.name: getattr(import_module(module.name), "ROUTES", ())
        for module in pkgutil.walk_packages(counterfoil.__path__, "counterfoil.")
        if "migrations.versions" not in module.name and ".app" not in module.name
        and module.name != "counterfoil.migrations.env" and not module.name.endswith("__main__")
    }  # fmt: skip
    assert {name for name, routes in doors.items() if routes} >= {door.__name__ for door in DOORS}
    served = {(route.method, route.path) for route in ROUTES}
    for name, routes in doors.items():
        assert {(route.method, route.path) for route in routes} <= served, name
    for route in ROUTES:
        inspect(route, OPERATIONS)


def test_matrix_lists_every_operation() -> None:
    """An operation that no route performs and no table explains fails the build (S17)."""
    OPERATIONS["new.unlisted"] = OPERATIONS["node.show"]
    try:
        with pytest.raises(reference.UnlistedError):
            reference.authorization_page()
    finally:
        del OPERATIONS["new.unlisted"]


def test_reading_and_writing_part() -> None:
    """A GET performs nothing but reads (S18).

    One vendor publishes by GET: those addresses ask for the scope of publishing, as any door does.
    """
    for route in ROUTES:
        if route.operation and not route.open:
            doing = OPERATIONS[route.operation]
            if route.path in PUBLISHING_BY_GET:
                assert doing.requires is Scope.CONTENT_PUBLISH
                continue
            assert doing.reads or route.method != "GET", route.path


def test_openapi() -> None:
    """The document is OpenAPI 3.1, holds every route, and a section of personal tokens (G2)."""
    described = json.loads(reference.openapi_page())
    assert described["openapi"] == "3.1.0"
    for route in PROGRAMS:
        assert route.method.lower() in described["paths"][route.path]
    assert {"name": "Personal Access Tokens"} in described["tags"]
    ids = [one["operationId"] for path in described["paths"].values() for one in path.values()]
    assert len(ids) == len(set(ids))
    schemas = described["components"]["schemas"]
    assert not [name for name in schemas if "." in name], "two structs have one name"
    each = [{"$ref": f"#/components/schemas/{name}"} for name in schemas]
    known = {"components": described["components"], "$defs": schemas}
    jsonschema_rs.Draft202012Validator({**known, "anyOf": each})
    OpenAPIV31SpecValidator(described).validate()


def test_a_look_is_never_late() -> None:
    """What changes nothing answers no 202 for a change that holds later, and asks for no wish (R1).

    What changes something does, where its answer says where that holds.
    """
    described = json.loads(reference.openapi_page())
    late = [
        (method, path)
        for path, methods in described["paths"].items()
        for method, one in methods.items()
        if any(said["name"] == "Prefer" for said in one["parameters"])
    ]
    assert {("delete", "/cma/roles/{id}"), ("patch", "/cma/nodes/{id}")} <= set(late)
    for method, path in late:
        assert "202" in described["paths"][path][method]["responses"]
    assert not [one for one in late if one[0] == "get" or one[1].endswith("/preview")]


def test_every_code_is_explained() -> None:
    """Every code belongs to one family, which has a status, and has a meaning (G2)."""
    listed = [code for codes in MEANING.values() for code in codes]
    assert sorted(listed) == sorted(Code)
    assert set(STATUS) == set(MEANING)
    assert set(EXCEPTION) <= set(FAMILY)
    assert all(meaning for codes in MEANING.values() for meaning in codes.values())


def test_no_status_for_all() -> None:
    """An operation documents the failures that it can have, and not those of others (G2).

    What asks nobody refuses nobody, what takes no body finds none wrong, and what is not looked at
    beforehand is never stale.
    """
    documented = {
        (route.method, route.path): set(statuses(route, route.performs(OPERATIONS)))
        for route in PROGRAMS
    }
    assert documented["GET", "/docs/reference/errors"] == {400, 500, 503, 507}
    assert documented["GET", "/cma/roles"].isdisjoint({404, 409, 412, 413, 415, 422, 428})
    assert documented["DELETE", "/cma/item-types/{id}"] >= {404, 409, 412}
    assert documented["POST", "/cma/token_requests/{id}/approve"] >= {403, 409, 412, 422, 428}
    assert documented["POST", "/graphql"].isdisjoint({404, 406, 409, 415})


def test_failures_lead_somewhere() -> None:
    """What a failure calls its type is a page that explains its code."""
    (route,) = (one for one in PROGRAMS if one.path == REFERENCE)
    assert route.open
    page = errors_page.page().decode()
    assert all(f'id="{code}"' in page for code in Code)
