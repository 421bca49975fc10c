"""Whose signature stands below a report: known keys, unknown ones, and what is none."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from counterfoil.app.finders import GITHUB, finders
from counterfoil.runtime.finders import LIFE, PATIENCE, PublicKeys
from counterfoil.runtime.provider import Unreachable
from counterfoil.runtime.settings import SettingError, Settings, load
from support.finder import Finder, body
from support.office import StandingClock

RAW = body("cfp_x")


def test_only_their_signature_of_this_body(clock: StandingClock) -> None:
    """The body as it came, by the named key, and nothing that is like it (S15)."""
    finder, other = Finder(), Finder()
    keys = PublicKeys(finder.read, clock)
    good = finder.sign(RAW)
    assert keys.signed("first", good, RAW)
    assert not keys.signed("first", good, RAW + b" ")
    assert not keys.signed("first", other.sign(RAW), RAW)
    der = base64.b64decode(good)
    for wrong in ("", "%", good[:-4], good + "\n", base64.b64encode(der[:-1]).decode(), "ä"):
        assert not keys.signed("first", wrong, RAW)


def test_keys_are_kept_and_asked_again(clock: StandingClock) -> None:
    """Keys hold for half an hour; for one that is not among them is asked once a minute (S15)."""
    finder = Finder()
    keys = PublicKeys(finder.read, clock)
    for _ in range(3):
        assert keys.signed("first", finder.sign(RAW), RAW)
        assert not keys.signed("second", finder.sign(RAW), RAW)
    assert finder.asked == 1
    finder.key_id = "second"
    clock.now += PATIENCE
    assert keys.signed("second", finder.sign(RAW), RAW)
    assert not keys.signed("first", finder.sign(RAW), RAW)
    clock.now += LIFE - timedelta(seconds=1)
    assert keys.signed("second", finder.sign(RAW), RAW)
    assert finder.asked == 2
    clock.now += timedelta(seconds=1)
    assert keys.signed("second", finder.sign(RAW), RAW)
    assert finder.asked == 3


def test_while_nobody_answers_what_is_known_holds(clock: StandingClock) -> None:
    """Where the keys cannot be read, known ones go on; of another one nothing is said (I7)."""
    finder = Finder(silent=True)
    keys = PublicKeys(finder.read, clock)
    for _ in range(2):
        with pytest.raises(Unreachable):
            keys.signed("first", finder.sign(RAW), RAW)
    assert finder.asked == 1
    finder.silent = False
    clock.now += PATIENCE
    assert keys.signed("first", finder.sign(RAW), RAW)
    finder.silent = True
    clock.now += LIFE
    assert keys.signed("first", finder.sign(RAW), RAW)
    with pytest.raises(Unreachable):
        keys.signed("second", finder.sign(RAW), RAW)


def pem(key: Any) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return str(key.public_key().public_bytes(serialization.Encoding.PEM, form).decode())


RSA = pem(rsa.generate_private_key(65537, 2048))
LARGER = pem(ec.generate_private_key(ec.SECP384R1()))


@pytest.mark.parametrize(
    "said",
    [
        [],
        {},
        {"public_keys": {}},
        {"public_keys": ["x"]},
        {"public_keys": [{"key": "x"}]},
        {"public_keys": [{"key_identifier": "first"}]},
        {"public_keys": [{"key_identifier": "first", "key": "x"}]},
        {"public_keys": [{"key_identifier": 1, "key": "x"}]},
        {"public_keys": [{"key_identifier": "first", "key": RSA}]},
        {"public_keys": [{"key_identifier": "first", "key": LARGER}]},
    ],
)
def test_what_is_no_key_verifies_nothing(said: Any, clock: StandingClock) -> None:
    """Keys of another kind, or another shape of the answer, verify nothing (S15)."""
    finder = Finder(said=said)
    with pytest.raises(Unreachable):
        PublicKeys(finder.read, clock).signed("first", finder.sign(RAW), RAW)


def test_the_operator_names_the_keys(tmp_path: Path, clock: StandingClock) -> None:
    """None are asked for unless the operator says so; a file is read at the start."""

    def named(leak_keys: str) -> Settings:
        return load({"COUNTERFOIL_DATA_DIR": str(tmp_path), "COUNTERFOIL_LEAK_KEYS": leak_keys})

    assert finders(named(""), clock) is None
    assert finders(named("github"), clock) is not None
    assert finders(named(GITHUB), clock) is not None
    finder, file = Finder(), tmp_path / "keys.json"
    for wrong in (None, "{", '{"public_keys": [{}]}'):
        if wrong is not None:
            file.write_text(wrong)
        with pytest.raises(SettingError, match="LEAK_KEYS"):
            finders(named(str(file)), clock)
    file.write_text(json.dumps(finder.keys()))
    keys = finders(named(str(file)), clock)
    assert keys is not None
    assert keys.signed("first", finder.sign(RAW), RAW)
