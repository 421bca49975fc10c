"""The whole API against its own document: nothing breaks, nothing answers what it does not say.

Every operation is asked by a service token and by an admin who is signed in, with requests that are
as the document says and with requests that are not. Half of the ids in them are ids of the sample,
so that what stands behind the doors is reached too.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from counterfoil.access.caller import STEP_UP
from counterfoil.app.routes import PROGRAMS
from support.inside import Inside
from support.stock import Stock, kind_of

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    unsupported_method,
]
EXAMPLES = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "6"))
OPERATIONS = [(route.method, route.path) for route in PROGRAMS if not route.streams]
OK = 200
REFUSED = {401, 403}
KNOWN = {"number": "1", "locale": "en"}
"""What stands in an address beside the id of a thing."""


@pytest.fixture(scope="module")
def api(house: Inside) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", house.app.wsgi)


@pytest.fixture(scope="module")
def session(house: Inside) -> Callable[[], str]:
    """Gives the admin's session; another one where a request ended it, or its proof grows old."""
    held = [house.sign_in(0)]
    since = [time.time()]

    def alive() -> str:
        old = time.time() - since[0] > STEP_UP.total_seconds() / 3
        if old or house.bearing(held[0])("GET", "/cma/token").status != OK:
            held[0], since[0] = house.sign_in(0), time.time()
        return held[0]

    return alive


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_api(
    api: schemathesis.BaseSchema, session: Callable[[], str], stock: Stock, method: str, path: str
) -> None:
    """No request gets a 5xx, an undocumented status or body, and somebody gets in (G2, S38)."""
    operation = api[path][method]
    credentials = [stock.everything(), session()]
    here = {"guid": stock.one("organization")}
    known = {**KNOWN, **here}
    if "{schema}" in path:
        known["schema"] = stock.one("item_type")
    if "{id}" in path:
        known["id"] = stock.one(kind_of(path))
    if "{message}" in path:
        known["message"] = stock.message(known["id"])
    seen: set[int] = set()
    said: set[str] = set()

    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
        database=None,
    )
    @given(case=strategy(operation), real=st.booleans())
    def run(case: Any, real: bool) -> None:  # noqa: FBT001 - drawn
        ground(case, known if real else here)
        for secret in credentials:
            answer = case.call(headers={"Authorization": f"Bearer {secret}"})
            case.validate_response(answer, checks=CHECKS)
            seen.add(answer.status_code)
            if answer.status_code in REFUSED:
                said.add(answer.text)

    run()
    assert seen - REFUSED, f"nobody got further than {said}"


def strategy(operation: Any) -> st.SearchStrategy[Any]:
    """Requests of an operation that are as it says, and such as are not."""
    return st.one_of(
        operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
        operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
    )


def ground(case: Any, known: dict[str, str]) -> None:
    """Put what is there into a request: into its address, its headers, and its body.

    In none but the organization of the caller has Agility's `{guid}` a meaning.
    """
    for name in case.path_parameters or {}:
        if name in known:
            case.path_parameters[name] = known[name]
    headers = case.headers or {}
    if "Counterfoil-Organization" in headers:
        headers["Counterfoil-Organization"] = known["guid"]
    if "If-Match" in headers:
        headers["If-Match"] = '"1"'
    if isinstance(case.body, dict) and isinstance(case.body.get("data"), dict):
        case.body["data"] = {**case.body["data"], **({"id": known["id"]} if "id" in known else {})}
