"""Whoever makes, approves or revokes a token is told how to have the proof of that (R15)."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from falcon.testing import Result

from counterfoil.audit.receipts import verify_receipt
from counterfoil.directory.doors import audit_proofs
from counterfoil.operation import OPERATIONS
from counterfoil.runtime.signing import NoteError
from support.doors import Probe, Seen
from support.tokens import READ, WRITE, Agency, Door, request_of

PERSONAL, API, PAIRS = "/cma/personal_access_tokens", "/cma/api_tokens", "/cma/key_pairs"
KEY = {"Idempotency-Key": "one-and-the-same-deed"}

pytestmark = pytest.mark.each_engine


def admin(agency: Agency) -> Door:
    return agency.door(agency.caller(agency.ada))


def lender(agency: Agency) -> dict[str, Any]:
    return {"role": {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}}


def ask(agency: Agency) -> Result:
    return admin(agency)("POST", PERSONAL, {"name": "x", "scopes": ["content:read"]})


def wait_for(agency: Agency) -> Result:
    dan = agency.door(agency.caller(agency.dan))
    return dan("POST", PERSONAL, {"name": "x", "scopes": ["content:read"]})


def lend(agency: Agency) -> Result:
    return admin(agency)(
        "POST", API, {"name": "x"}, type_="api_token", relationships=lender(agency)
    )


def pair(agency: Agency) -> Result:
    return admin(agency)(
        "POST", PAIRS, {"name": "x"}, type_="key_pair", relationships=lender(agency)
    )


def approve(agency: Agency) -> Result:
    asked = agency.ask(agency.dan)
    return admin(agency).raw(
        "POST", f"/cma/token_requests/{request_of(asked)}/approve", headers={"If-Match": '"1"'}
    )


def deny(agency: Agency) -> Result:
    asked = agency.ask(agency.dan)
    return admin(agency)(
        "POST",
        f"/cma/token_requests/{request_of(asked)}/deny",
        {"reason": "not now"},
        {"If-Match": '"1"'},
        type_="token_request",
    )


def revoke(agency: Agency) -> Result:
    token = agency.granted(agency.ada).token
    return admin(agency)("DELETE", f"{PERSONAL}/{token.id}")


def revoke_lent(agency: Agency) -> Result:
    return admin(agency)("DELETE", f"{API}/{agency.api_token().token.id}")


def revoke_all(agency: Agency) -> Result:
    agency.granted(agency.ada)
    agency.granted(agency.ada)
    return admin(agency)("POST", f"{PERSONAL}/revoke_all")


def rotate(agency: Agency) -> Result:
    return admin(agency)("POST", f"{API}/{agency.api_token().token.id}/regenerate")


DEEDS: dict[str, tuple[Callable[[Agency], Result], str]] = {
    "issue": (ask, "token.request"),
    "request": (wait_for, "token.request"),
    "issue an API token": (lend, "api_token.create"),
    "issue a pair": (pair, "key_pair.create"),
    "approve": (approve, "token_request.approve"),
    "deny": (deny, "token_request.deny"),
    "revoke": (revoke, "token.revoke"),
    "revoke an API token": (revoke_lent, "api_token.revoke"),
    "revoke all": (revoke_all, "token.revoke_mine"),
    "rotate": (rotate, "api_token.regenerate"),
}


def proof(agency: Agency, done: Result, by: Any = None) -> Seen:
    """Ask for the proof where an answer says that it is."""
    prober = Probe(
        agency.office, by or agency.caller(agency.ada), routes=audit_proofs.ROUTES,
        operations=OPERATIONS,
    )  # fmt: skip
    return prober("GET", done.json["meta"]["proof"])


@pytest.mark.parametrize("deed", DEEDS)
def test_it_says_where_its_proof_is(agency: Agency, deed: str) -> None:
    """Each answer names its own entry in the trail, and the proof of it verifies (R15)."""
    do, operation = DEEDS[deed]
    done = do(agency)
    assert done.status_code in {200, 201, 202}, done.text
    entry = done.json["meta"]["audit_event"]
    receipt = proof(agency, done).json
    told = json.loads(receipt["data"]["attributes"]["entry"])
    assert (told["position"], told["operation"]) == (entry, operation)
    key = agency.office.signer.public
    assert verify_receipt(msgspec.json.encode(receipt), key)[0] == entry


def test_what_is_told_again_names_the_same_entry(agency: Agency) -> None:
    """Whoever repeats a request by its key is told of what was done, once (R9)."""
    said = [
        admin(agency)("POST", PERSONAL, {"name": "x", "scopes": ["content:read"]}, KEY)
        for _ in range(2)
    ]
    first, second = (one.json["meta"] for one in said)
    assert second["secret_already_shown"]
    assert first["audit_event"] == second["audit_event"]
    assert first["proof"] == second["proof"]


def test_whoever_did_it_has_its_proof_without_a_scope(agency: Agency) -> None:
    """The proof of one's own deed asks for no `audit:read`; that of another's does (S17)."""
    dan, rea = agency.caller(agency.dan), agency.caller(agency.rea)
    done = wait_for(agency)
    assert proof(agency, done, dan).status == 200
    assert proof(agency, done, rea).status == 403


def test_a_token_has_no_proof_of_what_its_owner_did(agency: Agency) -> None:
    """A token without `audit:read` is shown no entry of its owner's session (S17)."""
    done = ask(agency)
    bearer = agency.bearing(agency.granted(agency.ada, scopes=READ | WRITE).secret)
    assert proof(agency, done, bearer).status == 403


def test_a_receipt_is_held_against_a_kept_checkpoint(agency: Agency) -> None:
    """With `since`, it proves that it stands in the trail of which a checkpoint was kept (R15)."""
    prober = Probe(
        agency.office, agency.caller(agency.ada), routes=audit_proofs.ROUTES, operations=OPERATIONS
    )
    kept = prober("GET", "/cma/audit_checkpoint").json["data"]["attributes"]
    path = revoke(agency).json["meta"]["proof"]
    receipt = msgspec.json.encode(prober("GET", f"{path}?since={kept['size']}").json)
    key = agency.office.signer.public
    assert verify_receipt(receipt, key, [kept["note"]])
    alone = msgspec.json.encode(prober("GET", path).json)
    with pytest.raises(NoteError, match="--since"):
        verify_receipt(alone, key, [kept["note"]])
    facts = msgspec.json.decode(receipt)
    facts["data"]["attributes"]["goes_on"] = facts["data"]["attributes"]["goes_on"][1:]
    with pytest.raises(NoteError, match="not that"):
        verify_receipt(msgspec.json.encode(facts), key, [kept["note"]])
    assert prober("GET", f"{path}?since=999999").status == 400
