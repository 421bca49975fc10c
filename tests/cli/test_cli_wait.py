"""`pat create --wait`: the secret at once, and then a wait until somebody decides."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from cli.conftest import Sample
from cli.scripts import plain_environment
from counterfoil.client import Bearer, Client
from counterfoil.client.errors import TokenPending
from counterfoil.client.model_requests import TokenRequest
from counterfoil.demo.walk import Walk
from infra.server import COUNTERFOIL
from infra.wait import wait_until

_PATIENCE_S = 60
Sign = Callable[[int], str]


@pytest.fixture(scope="module")
def session(sample: Sample, url: str) -> Sign:
    """Return what signs one of the sample's people in, and hands out their session."""

    def sign(place: int) -> str:
        person = sample["people"][place]
        with closing(Walk(url, tell=lambda _line: None)) as walk:
            return walk.sign_in(person["email"], person["email"], person["password"])

    return sign


@pytest.fixture(scope="module")
def ann(url: str, session: Sign) -> Iterator[Client]:
    """Return Ann, who approves."""
    with Client(url, Bearer(session(0))) as client:
        yield client


@pytest.fixture(scope="module")
def ben(session: Sign) -> str:
    """Return the session of Ben, for whom others decide."""
    return session(1)


@contextmanager
def asking(url: str, session: str, home: Path, name: str, *more: str) -> Iterator[Any]:
    """Run `pat create --wait`, and give its process once the secret is out."""
    environment = plain_environment(Path(COUNTERFOIL).parent, home)
    process = subprocess.Popen(
        [COUNTERFOIL, "pat", "create", name, "--wait", *more],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**environment, "COUNTERFOIL_URL": url, "COUNTERFOIL_TOKEN": session},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def open_request(ann: Client, name: str) -> TokenRequest:
    found: list[TokenRequest] = []

    def is_there() -> bool:
        found[:] = [one for one in ann.token_requests.list(state="open") if one.name == name]
        return bool(found)

    wait_until(is_there, f"the request for {name}")
    return found[0]


def ended(process: Any) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=_PATIENCE_S)
    return process.returncode, out, err


def test_the_secret_comes_before_the_answer(
    url: str, ann: Client, ben: str, tmp_path: Path
) -> None:
    """The secret stands alone on standard output, and who decides beside it; then it works."""
    with asking(url, ben, tmp_path, "waits", "--scope", "content:read") as process:
        secret = cast("str", process.stdout.readline()).strip()
        assert secret.startswith("cfp_")
        assert process.poll() is None
        with Client(url, Bearer(secret)) as holder:
            with pytest.raises(TokenPending):
                holder.whoami()
            request = open_request(ann, "waits")
            ann.token_requests.approve(request.id, request.version or 1)
            code, out, err = ended(process)
            assert (code, out) == (0, "")
            assert f"… waiting for approval by Ann ({request.spelled})\n" in err
            assert f"✓ {request.spelled} is approved; the secret that you hold works now" in err
            assert "less than you asked" not in err
            assert secret not in err
            assert holder.whoami().scopes == ("content:read",)


def test_less_than_was_asked_is_told(url: str, ann: Client, ben: str, tmp_path: Path) -> None:
    """Whoever gets less than they asked reads what is missing, and the exit code is still 0."""
    more = ("--scope", "content:read", "--scope", "content:write", "--expires", "30d")
    with asking(url, ben, tmp_path, "wants more", *more) as process:
        request = open_request(ann, "wants more")
        site = ann.nodes.at("/site/press")
        assert site
        less = {"scopes": ["content:read"], "roots": [site.id], "surfaces": ["delivery"]}
        ann.token_requests.approve(request.id, request.version or 1, less)
        code, _, err = ended(process)
    assert code == 0
    told = "not content:write; not preview, management; only under nod_"
    assert f"it may do less than you asked: {told}{site.id}\n" in err


def test_a_no_is_exit_8(url: str, ann: Client, ben: str, tmp_path: Path) -> None:
    """A request that is denied ends the waiting with 8, and says why (A19)."""
    with asking(url, ben, tmp_path, "denied", "--scope", "content:read") as process:
        request = open_request(ann, "denied")
        ann.token_requests.deny(request.id, request.version or 1, "ask for a folder")
        code, _, err = ended(process)
    assert code == 8
    assert f"✗ {request.spelled} is denied: ask for a folder" in err


def test_who_needs_no_approval_waits_for_nobody(url: str, session: Sign, tmp_path: Path) -> None:
    """Where nobody has to approve, `--wait` returns at once."""
    with asking(url, session(0), tmp_path, "anns", "--scope", "content:read") as process:
        code, out, err = ended(process)
    assert (code, out.startswith("cfp_")) == (0, True)
    assert "is active" in err
