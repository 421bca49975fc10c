"""The whole API against its own document: nothing breaks, nothing answers what it does not say."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    status_code_conformance,
    unsupported_method,
)

from counterfoil.app import App, build
from counterfoil.app.limits import Ledger
from counterfoil.app.routes import ROUTES
from support.installation import Installed, install


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, Installed]]:
    """The whole house in this process, unlimited, with a service token that may do everything."""
    made = install(tmp_path_factory.mktemp("schemathesis") / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "count", lambda *_: None)
        opened = build(made.settings)
    yield opened, made
    opened.close()


@pytest.fixture(scope="module")
def api(app: tuple[App, Installed]) -> schemathesis.BaseSchema:
    return schemathesis.openapi.from_wsgi("/openapi.json", app[0].wsgi)


OPERATIONS = [(route.method, route.path) for route in ROUTES]


@pytest.mark.parametrize(("method", "path"), OPERATIONS, ids=[" ".join(one) for one in OPERATIONS])
def test_api(
    api: schemathesis.BaseSchema, app: tuple[App, Installed], method: str, path: str
) -> None:
    """No request gets a 5xx, an undocumented status, or an undocumented media type (G2, S38)."""
    headers = {"Authorization": f"Bearer {app[1].tokens[0]}"}

    @settings(
        max_examples=int(os.environ.get("SCHEMATHESIS_EXAMPLES", "8")),
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=api[path][method].as_strategy())
    def run(case: Any) -> None:
        case.call_and_validate(
            headers=headers,
            checks=[
                not_a_server_error,
                status_code_conformance,
                content_type_conformance,
                unsupported_method,
            ],
        )

    run()
