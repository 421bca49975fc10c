"""A server that cannot begin as it is set says so before it begins, and which setting it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.app import serve
from counterfoil.app.fit import UnreadyError
from counterfoil.runtime.settings import SettingError
from infra.wait import free_port


@pytest.fixture
def nobody_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if workers begin after all: they would say it again and again."""

    def begun(_settings: object) -> None:
        pytest.fail("workers would begin")

    monkeypatch.setattr(serve, "server", begun)


NOTHING = "/proc/nothing"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"PROVIDERS": NOTHING}, f"the file of providers, {NOTHING}, cannot be read: No such"),
        ({"LEAK_KEYS": NOTHING}, f"COUNTERFOIL_LEAK_KEYS: {NOTHING} cannot be read: No such"),
        ({"METRICS_SECRET_FILE": NOTHING}, f"METRICS_SECRET_FILE: {NOTHING} cannot be read"),
        ({"NATS": "nats://localhost:1", "NATS_CREDENTIALS": NOTHING}, "COUNTERFOIL_NATS_CRED"),
        ({"REVOCATIONS": NOTHING}, f"COUNTERFOIL_REVOCATIONS: {NOTHING} cannot be made: No such"),
        ({"FILES": NOTHING}, f"COUNTERFOIL_FILES: {NOTHING} cannot be made: No such"),
        ({"PASSWORDS": "off"}, "without passwords and without providers nobody can sign in"),
    ],
    ids=lambda one: "" if isinstance(one, str) else "".join(one),
)
@pytest.mark.usefixtures("nobody_serves")
def test_it_is_told_which(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, str], told: str
) -> None:
    """What a setting names is tried first: no worker begins, ends and begins again."""
    for name, said in given.items():
        monkeypatch.setenv(f"COUNTERFOIL_{name}", said)
    with pytest.raises((SettingError, UnreadyError)) as error:
        serve.serve(tmp_path / "data", free_port())
    assert told in str(error.value)
