"""A secret is visible once: in the answer that made it, with advice beside it, and never again."""

from __future__ import annotations

from typing import Any

import pytest
from falcon.testing import Result

from counterfoil.directory.presets import PRESETS
from support.tokens import Agency, Door, Hall

PERSONAL, API, PAIR = "/cma/personal_access_tokens", "/cma/api_tokens", "/cma/key_pairs"
FLAGS = dict.fromkeys(("can_access_cda", "can_access_cda_preview", "can_access_cma"), True)


def made(agency: Agency, door: Door) -> dict[str, Result]:
    """Make one of each kind; return the answers by the address of what they made."""
    role = {"role": {"data": {"type": "role", "id": str(agency.roles["reader"].id)}}}
    answers = {
        PERSONAL: door("POST", PERSONAL, {"name": "laptop", "scopes": ["content:read"]}),
        API: door("POST", API, {"name": "ci"}, type_="api_token", relationships=role),
        PAIR: door("POST", PAIR, {"name": "old"}, type_="key_pair", relationships=role),
        "/access_tokens": door(
            "POST",
            "/access_tokens",
            {"name": "web", **FLAGS},
            type_="access_token",
            relationships=role,
        ),
    }
    return {f"{path}/{answer.json['data']['id']}": answer for path, answer in answers.items()}


def secret_of(answer: Result) -> str:
    assert answer.status_code in {200, 201, 202}, answer.text
    secret: str = answer.json["data"]["attributes"]["token"]
    return secret


@pytest.mark.parametrize("preset", list(PRESETS))
def test_whatever_the_vendor_a_secret_is_visible_once(hall: Hall, preset: str) -> None:
    """Under every preset no later answer of any door shows a secret that was shown (K6, G5)."""
    agency = Agency(hall, preset=preset)
    door = agency.door(agency.caller(agency.ada))
    answers = made(agency, door)
    secrets = {secret_of(answer) for answer in answers.values()}
    assert len(secrets) == len(answers)
    again = door.raw("POST", next(path for path in answers if path.startswith(API)) + "/regenerate")
    if PRESETS[preset].regenerate_allowed:
        secrets.add(secret_of(again))
    later = [door("GET", path) for path in answers]
    later += [door("GET", path) for path in (PERSONAL, API, PAIR, "/access_tokens")]
    later += [
        door("PATCH", path, {"name": "renamed"}, type_=answers[path].json["data"]["type"])
        for path in answers
        if path.startswith("/cma")
    ]
    later += [door.raw("DELETE", path) for path in answers]
    for answer in later:
        assert answer.status_code == 200, answer.text
        assert not [secret for secret in secrets if secret in answer.text]
    for answer in later[: len(answers)]:
        assert answer.json["data"]["attributes"].get("token") is None


def test_advice_stands_beside_the_secret(agency: Agency) -> None:
    """Whoever is shown a secret is told that it is once, and where to keep it (G12a)."""
    door = agency.door(agency.caller(agency.ada))
    for path, answer in made(agency, door).items():
        if path.startswith("/access_tokens"):
            continue  # the vendor's answer has its own members and no others (D7)
        warning: Any = answer.json["meta"]["warning"]
        for word in ("once", "secret store", ".env", ".gitignore"):
            assert word in warning
        assert "warning" not in door("GET", path).json.get("meta", {})
