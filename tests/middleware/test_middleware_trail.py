"""What is decided inside an application goes on record as what the gate server decides."""

from __future__ import annotations

import multiprocessing

import pytest

from counterfoil.gate.record.decided import Decided
from counterfoil.gate.record.journal import Mark
from counterfoil.gate.record.shipping import Shipping
from counterfoil.middleware import opened
from counterfoil.secret import digest
from middleware.conftest import Host
from support.decisions import folder_in, told
from support.frameworks import API, FRAMEWORKS, Send
from support.gate import ACME, BASE, BEN
from support.shop import SHOP, TOY

_AGENT = {"User-Agent": "curl/8.5.0"}


def written(host: Host) -> list[Decided]:
    """Return all that stands in the journal once the application has ended."""
    opened.close(str(host.data_dir))
    return told(host.data_dir)


def test_a_pass_leaves_a_row(judged: Send, host: Host) -> None:
    """In every framework: who, by which token, which API, route and node, and when (X2, X3)."""
    assert judged("GET", "/items/17?secret=no", host.tokens["shelf"], headers=_AGENT).status == 200
    assert judged("GET", "/health").status == 200
    [row] = written(host)
    assert (row.organization, row.user, row.token, row.token_name) == (ACME, BEN, BASE + 302, "ci")
    assert (row.api, row.route, row.node) == (SHOP, "GET /items/{item}", TOY)
    assert (row.outcome, row.method, row.changes) == ("allowed", "personal", False)
    assert (row.address, row.agent) == ("192.0.2.7", "curl/8.5.0")


def test_a_refusal_leaves_a_row(judged: Send, host: Host) -> None:
    """A good token's refusal is on record with its reason; what is no good token has none (X2)."""
    for method, target, who in (
        ("PUT", "/items/17", "reader"),
        ("GET", "/items/18", "shelf"),
        ("GET", "/admin", "writer"),
        ("GET", "/items/17", "expired"),
        ("GET", "/items/17", "stranger"),
        ("GET", "/items/17", "nobody"),
    ):
        assert judged(method, target, host.tokens[who]).status in {401, 403}
    assert [(row.token, row.outcome) for row in written(host)] == [
        (BASE + 301, "INSUFFICIENT_SCOPE"),
        (BASE + 302, "OUTSIDE_ROOT_NODES"),
        (BASE + 303, "ROUTE_NOT_LISTED"),
    ]


def test_a_token_in_an_address_is_told_of(judged: Send, host: Host) -> None:
    """The office hears which token stood there, and where; the request is refused (S11)."""
    token = host.tokens["reader"]
    assert token
    target = f"/items/17?key={token}"
    assert judged("GET", target, host.tokens["shelf"], headers=_AGENT).status == 400
    opened.close(str(host.data_dir))
    shipping = Shipping(folder_in(host.data_dir))
    (one,) = [
        seen
        for shipped in shipping.after(Mark(shipping.journal() or ""), 10)
        for seen in shipped.batch.exposed
    ]
    assert one.digest == digest(token)
    assert (one.api, one.path) == (SHOP, "/items/17")
    assert (one.address, one.agent) == ("192.0.2.7", "curl/8.5.0")


def test_what_a_view_refuses_is_on_record(asking: Send, host: Host) -> None:
    """Where views say what they need, the door leaves a row, and a view that refuses one more."""
    assert asking("GET", "/items/17", host.tokens["reader"]).status == 200
    assert asking("PUT", "/items/17", host.tokens["reader"]).status == 403
    rows = written(host)
    assert [(row.route, row.changes, row.node, row.outcome) for row in rows] == [
        ("GET", False, None, "allowed"),
        ("PUT", True, None, "allowed"),
        ("PUT", True, TOY, "INSUFFICIENT_SCOPE"),
    ]
    assert rows[1].request_id == rows[2].request_id != rows[0].request_id


def test_strict_is_on_record_before_the_answer(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """With COUNTERFOIL_AUDIT=strict a row is on the disk when the answer leaves (R16)."""
    monkeypatch.setenv(opened.VARIABLE, "strict")
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        for count in range(1, 4):
            assert send("GET", "/items/17", host.tokens["reader"]).status == 200
            assert len(told(host.data_dir)) == count


def test_nothing_passes_that_cannot_be_on_record(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a row has to be on the disk first and cannot be, nobody is let in (R16)."""
    monkeypatch.setenv(opened.VARIABLE, "strict")
    (host.data_dir / "decisions").write_text("in the way")
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        assert send("GET", "/items/17", host.tokens["reader"]).status == 503
        assert send("PUT", "/items/17", host.tokens["reader"]).status == 503
    (host.data_dir / "decisions").unlink()


def _serve(send: Send, token: str) -> None:
    for _ in range(3):
        assert send("GET", "/items/17", token).status == 200


def test_a_process_that_ends_leaves_nothing_behind(host: Host) -> None:
    """A worker that ends, told so by nobody, has put on record what it decided (X2)."""
    token = host.tokens["reader"]
    assert token is not None
    with FRAMEWORKS["wsgi"](api=API, data_dir=host.data_dir) as send:
        child = multiprocessing.get_context("fork").Process(target=_serve, args=(send, token))
        child.start()
        child.join(30)
        assert child.exitcode == 0
        assert len({row.request_id for row in told(host.data_dir)}) == 3
