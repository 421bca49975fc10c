"""The gate for other people's tests: it must say what the real one would."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from counterfoil.gate.middleware_wsgi import CALLER
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.testing import MemoryGate


@pytest.fixture
def gate() -> Iterator[MemoryGate]:
    with MemoryGate() as gate:
        yield gate


def why(gate: MemoryGate, *asked: Any, **how: Any) -> Code:
    """Return the code with which somebody is turned away."""
    with pytest.raises(CounterfoilError) as refusal:
        gate.decide(*asked, **how)
    return refusal.value.code


def test_a_token_opens_what_it_was_made_for(gate: MemoryGate) -> None:
    """A minted token is a caller's with their name, and holds its scopes and no other (X2)."""
    token = gate.token("content:read", name="ci")
    caller = gate.decide(token, "content:read")
    assert (caller.token_name, caller.organization) == ("ci", gate.organization)
    assert why(gate, token, "content:write") is Code.INSUFFICIENT_SCOPE
    assert why(gate, token[:-1] + "!", "content:read") is Code.INVALID_TOKEN


def test_an_apis_own_scopes_need_no_registration(gate: MemoryGate) -> None:
    """A scope of the API under test is there when it is named, in the grammar of scopes (X5)."""
    token = gate.token("orders:read")
    gate.decide(token, "orders:read")
    assert why(gate, token, "orders:write") is Code.INSUFFICIENT_SCOPE
    assert gate.decide(gate.token(), "orders:write").user == gate.admin.user
    with pytest.raises(ValueError, match="orders:read"):
        gate.token("read orders")


def test_a_token_follows_its_members_role(gate: MemoryGate) -> None:
    """What a role loses its tokens lose on the next request, and get back with it (G8, X18)."""
    ben = gate.member("orders:read", "orders:write")
    token = gate.token("orders:read", "orders:write", of=ben)
    gate.decide(token, "orders:write")
    gate.change(ben, "orders:read")
    assert why(gate, token, "orders:write") is Code.INSUFFICIENT_SCOPE
    gate.decide(token, "orders:read")
    gate.change(ben, "orders:read", "orders:write")
    gate.decide(token, "orders:write")
    gate.deactivate(ben)
    assert why(gate, token, "orders:read") is Code.OWNER_DEACTIVATED


@pytest.mark.parametrize("kind", ["personal", "service", "session"])
def test_each_kind_of_credential(gate: MemoryGate, kind: Any) -> None:
    """People's tokens, machines' and sign-ins are callers of their kind (K14)."""
    token = gate.token(kind=kind)
    caller = gate.decide(token, "content:read")
    assert caller.method == kind
    assert (caller.user is None) == (kind == "service")
    gate.revoke(token)
    assert why(gate, token, "content:read") is Code.INVALID_TOKEN


def test_all_tokens_end_at_once(gate: MemoryGate) -> None:
    """Every token of people and machines is unknown; sign-ins and what is made later are not.

    As where an admin of the organization revokes them all (R21).
    """
    before = [gate.token("content:read", kind=kind) for kind in ("personal", "service")]
    session = gate.token(kind="session")
    gate.revoke_all()
    for token in before:
        assert why(gate, token, "content:read") is Code.INVALID_TOKEN
    for token in (session, gate.token("content:read")):
        gate.decide(token, "content:read")


def test_a_life_ends_at_its_very_instant(gate: MemoryGate) -> None:
    """Time passes as the test says: a token works a second before its end, and not at it (X17)."""
    token, other = gate.token("content:read"), gate.token(expires_in=None)
    gate.clock.move_on(days=30, seconds=-1)
    gate.decide(token, "content:read")
    gate.clock.move_on(seconds=1)
    assert why(gate, token, "content:read") is Code.TOKEN_EXPIRED
    gate.clock.move_on(days=40_000)
    gate.decide(other, "content:read")


def test_states_say_what_they_are(gate: MemoryGate) -> None:
    """Pending and disabled tokens are refused by name, and work once they are active (A7, Q3)."""
    token = gate.token("content:read", state="pending")
    assert why(gate, token, "content:read") is Code.TOKEN_PENDING_APPROVAL
    gate.enable(token)
    gate.decide(token, "content:read")
    gate.disable(token)
    assert why(gate, token, "content:read") is Code.TOKEN_DISABLED


def test_roots_follow_nodes(gate: MemoryGate) -> None:
    """A token reaches what stands below its roots, wherever that moves to (Q10, Q13)."""
    token = gate.token("content:read", roots=["/site/press"])
    post, legal = gate.node("/site/press/post"), gate.node("/site/legal")
    gate.decide(token, "content:read", node=post)
    assert why(gate, token, "content:read", node=legal) is Code.OUTSIDE_ROOT_NODES
    gate.move(post, "/site/legal")
    assert why(gate, token, "content:read", node=post) is Code.OUTSIDE_ROOT_NODES
    gate.move(post, "/site/press")
    gate.remove(gate.node("/site/press"))
    assert why(gate, token, "content:read", node=post) is Code.OUTSIDE_ROOT_NODES


def test_surfaces_are_apart(gate: MemoryGate) -> None:
    """A token is let in at the surfaces that it was given, and at no other (D9)."""
    token = gate.token("content:read", at=["preview"])
    gate.decide(token, "content:read", at="preview")
    assert why(gate, token, "content:read", at="delivery") is Code.API_NOT_ENABLED_FOR_TOKEN


def test_an_application_stands_behind_it(gate: MemoryGate) -> None:
    """An application behind it meets callers alone, and others get the real gate's 401 (Q16)."""

    def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        start("200 OK", [])
        return [str(environ[CALLER].token_name).encode()]

    guarded, said = gate.guard(application), []

    def ask(**environ: str) -> bytes:
        return b"".join(guarded(dict(environ), lambda *args: said.append(args)))

    token = gate.token(name="mine")
    assert ask(HTTP_AUTHORIZATION=f"Bearer {token}") == b"mine"
    gate.revoke(token)
    refused = json.loads(ask(HTTP_AUTHORIZATION=f"Bearer {token}"))
    assert refused["errors"][0]["code"] == "INVALID_TOKEN"
    assert said[-1][0] == "401 Unauthorized"
    assert 'error="invalid_token"' in dict(said[-1][1])["WWW-Authenticate"]


def test_two_gates_know_nothing_of_each_other(gate: MemoryGate) -> None:
    """What one test tells its gate is unknown to the next one's."""
    with MemoryGate() as other:
        assert why(gate, other.token(), "content:read") is Code.INVALID_TOKEN


def test_nothing_is_left_behind() -> None:
    """A gate that is closed leaves no file."""
    with MemoryGate() as gate:
        folder = gate.verifier.replica.path
        assert folder.is_dir()
    assert not folder.exists()


@pytest.mark.slow
def test_pytest_finds_the_fixture(tmp_path: Path) -> None:
    """Other people's tests get a gate by the fixture's name, and import none unasked."""
    (tmp_path / "test_it.py").write_text(
        "import sys\n"
        "def test_first():\n"
        "    assert 'lmdb' not in sys.modules\n"
        "def test_it(counterfoil_gate):\n"
        "    counterfoil_gate.decide(counterfoil_gate.token('a:b'), 'a:b')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr
