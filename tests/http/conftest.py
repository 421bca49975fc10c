"""The real server, once for all tests that only look at it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from counterfoil.app.limits import Ledger
from infra.server import Server, serving
from support.inside import Inside, inside
from support.installation import Installed, install
from support.sample import Sample
from support.stock import Stock


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An installation with 40 service tokens, so that no test uses up another's limit."""
    return install(tmp_path_factory.mktemp("support.installation") / "data", tokens=40)


@pytest.fixture(scope="module")
def server(installed: Installed) -> Iterator[Server]:
    """Two workers of it, served to a proxy that says whom it speaks for in `Clientaddress`."""
    around = {
        "COUNTERFOIL_TOKEN": "a-secret-of-the-operator",
        "HTTP_PROXY": "http://proxy.test",
        "COUNTERFOIL_TRUSTED_PROXIES": "127.0.0.1",
        "COUNTERFOIL_PROXY_HEADER": "Clientaddress",
        "HTTP_AUTHORIZATION": f"Bearer {installed.tokens[-1]}",
    }
    with serving(installed.settings.data_dir, "--workers", "2", env=around) as running:
        yield running


@pytest.fixture(scope="module")
def sample(seeded: Sample, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """A copy of the sample for one module of tests."""
    directory = tmp_path_factory.mktemp("copy") / "data"
    shutil.copytree(seeded.directory, directory)
    return Sample(directory, seeded.told)


@pytest.fixture(scope="module")
def house(sample: Sample) -> Iterator[Inside]:
    """The sample in this process, unlimited."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Ledger, "count", lambda *_: None)
        with inside(sample) as opened:
            yield opened


@pytest.fixture(scope="module")
def stock(house: Inside) -> Stock:
    """What the ids of the requests are taken from; no quota ends it."""
    admin, asker = house.living(0), house.living(2)
    made = Stock(admin, asker, house.put, house.sample.told)
    path = f"/cma/organizations/{made.one('organization')}/token_policy"
    body = {"data": {"type": "token_policy", "attributes": {"quota": None}}}
    assert admin("PATCH", path, body, If_Match=admin("GET", path).headers["etag"]).status == 200
    return made
