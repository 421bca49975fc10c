"""Numbers that nobody means well, or that a program reads otherwise than whoever wrote them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import click
import pytest

from cli.conftest import Type
from cli.test_cli_mistakes import found, leaves
from counterfoil.cli.apply.file import read
from counterfoil.cli.exits import Exit, Stop
from counterfoil.client.answer import ENDLESS_S, Answer, wait_of
from counterfoil.kernel.clock import system_clock
from counterfoil.runtime.settings import load
from counterfoil.runtime.variables import SettingError

LONG: Final = "9" * 5_000
NO_NUMBERS: Final = (
    "", " 1", "1_0", "0x10", "\uff11\uff12", "\u0663", "1e3", "1e400", "nan", "inf", "-inf", "true",
    "--1", "-1", str(2**63), str(2**64), LONG,
)  # fmt: skip
"""None of these is a number that any option of ours takes."""


def numeric(path: tuple[str, ...]) -> list[click.Option]:
    """The options of a command that take a number."""
    sorts = (click.types.IntParamType, click.types.FloatParamType)
    return [
        one for one in found(path).params
        if isinstance(one, click.Option) and isinstance(one.type, sorts)
    ]  # fmt: skip


NUMERIC: Final = [(path, one.opts[-1]) for path in sorted(set(leaves())) for one in numeric(path)]


@pytest.mark.parametrize(("path", "option"), NUMERIC, ids=str)
def test_an_option_takes_numbers_alone(typed: Type, path: tuple[str, ...], option: str) -> None:
    """What is no number within its bounds is exit 2 and named, at every option that takes one."""
    for said in NO_NUMBERS:
        ran = typed(*path, option, said)
        assert ran.code == Exit.USAGE, (said[:40], ran)
        assert "Error: " in ran.err
        assert ran.out == ""


def test_there_are_options_that_take_numbers() -> None:
    """The law above looks at those of servers, of lists and of waiting."""
    assert {"--port", "--lines", "--timeout", "--version"} <= {option for _, option in NUMERIC}


@pytest.mark.parametrize(
    "port", ["0", "65536", "-1", "\uff11\uff12", "\u00b2", LONG, "1e3"], ids=lambda one: one[:8]
)
def test_where_a_gate_listens(typed: Type, port: str) -> None:
    """What is no port is no place to listen at."""
    ran = typed("gate", "--data-dir", "x", "--listen", f"127.0.0.1:{port}")
    assert (ran.code, "--listen is host:port" in ran.err) == (Exit.USAGE, True)


def test_a_gate_listens_at_an_address(typed: Type) -> None:
    """A name may mean several addresses, and another machine's: it is told before all else."""
    ran = typed("gate", "--data-dir", "x", "--listen", "gate.example.com:8401")
    assert (ran.code, "is no address of this machine" in ran.err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    "expiry", ["9999-12-31", "9999-12-31T23:59:59-12:00", "2027-02-30", "99999999d"]
)
def test_where_the_calendar_ends(typed: Type, expiry: str) -> None:
    """An expiry that no calendar has is exit 2, and never a fault of ours."""
    ran = typed("pat", "create", "ci", "--expires", expiry)
    assert (ran.code, "--expires" in ran.err) == (Exit.USAGE, True)


@pytest.mark.parametrize(
    "said", ["010", "0x10", "1_000", "1:30", "+7", ".nan", ".inf", "1.5e+400", LONG]
)
def test_a_number_in_a_file_is_written_in_digits(tmp_path: Path, said: str) -> None:
    """YAML would read `010` as 8 and `1:30` as 90: a file says numbers as people read them."""
    path = tmp_path / "counterfoil.yaml"
    path.write_text(f"policy: {{quota: {said}}}\n")
    with pytest.raises(Stop) as stopped:
        read(path)
    assert (stopped.value.exit_code, "digits" in str(stopped.value)) == (Exit.CONFIG, True)


def test_numbers_in_a_file(tmp_path: Path) -> None:
    """What stands there in digits is read as it stands, and a date is a text."""
    path = tmp_path / "counterfoil.yaml"
    path.write_text(
        "policy: {quota: 7, rate: 0.5, least: -1}\ntokens: [{name: a, expires: 2027-02-30}]\n"
    )
    said = read(path)
    assert said.policy == {"quota": 7, "rate": 0.5, "least": -1}
    assert said.tokens == [{"name": "a", "expires": "2027-02-30"}]


def test_what_is_true_is_no_number(tmp_path: Path) -> None:
    """A grace of `true` seconds is of the wrong kind."""
    path = tmp_path / "counterfoil.yaml"
    path.write_text("apis: [{name: a, grace_seconds: true}]\n")
    with pytest.raises(Stop, match="grace_seconds is of the wrong kind"):
        read(path)


@pytest.mark.parametrize("name", ["PORT", "WORKERS", "THREADS"])
@pytest.mark.parametrize("said", [one for one in NO_NUMBERS if one], ids=lambda one: one[:8])
def test_a_setting_is_a_number(tmp_path: Path, name: str, said: str) -> None:
    """A variable that is no number within its bounds is named, whatever stands in it."""
    given = {"COUNTERFOIL_DATA_DIR": str(tmp_path), f"COUNTERFOIL_{name}": said}
    with pytest.raises(SettingError, match=name):
        load(given)


@pytest.mark.parametrize("said", ["inf", "1e400", "nan", LONG])
def test_nobody_is_told_to_wait_for_ever(said: str) -> None:
    """Whatever a server says of how long to wait is a number of seconds with an end."""
    answer: Any = Answer(503, {"retry-after": said}, b"")
    wait = wait_of(answer, system_clock)
    assert wait is not None
    assert 0 <= wait <= ENDLESS_S
