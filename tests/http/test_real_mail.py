"""The real server sends mail while it answers, if it is told how."""

from __future__ import annotations

from pathlib import Path

import pytest

from counterfoil.runtime.settings import SettingError, Settings, load
from infra.mail import MailServer
from infra.server import serving
from infra.wait import wait_until
from support.installation import EMAIL, install
from support.sample import Talker


def test_mail_leaves(tmp_path: Path) -> None:
    """A token that gives itself up, as when somebody found it, is told to who made it, once."""
    made, mail = install(tmp_path / "data"), MailServer()
    told = {"COUNTERFOIL_MAIL": mail.url, "COUNTERFOIL_BASE_URL": "http://localhost"}
    with mail.opened(), serving(made.settings.data_dir, env=told) as server:
        client = Talker(server.port).bearing(made.tokens[0])
        assert client("DELETE", "/cma/token").status == 200
        wait_until(lambda: len(mail.subjects(EMAIL)) > 1, "the letters")
    assert sorted(mail.subjects(EMAIL)) == [
        "The token service 0 was made in your name",
        "Your token service 0 was revoked",
    ]
    assert mail.letters[0]["From"].addresses[0].addr_spec == "counterfoil@localhost"


GOOD = ["", "console:", "smtp://mail", "smtps://u:p@mail:465", "smtp+starttls://u:p%40@mail"]
BAD = ["mail", "smtp://", "http://mail", "smtp://u:p@mail", "smtps://mail:x", "smtp://mail/x?y"]


@pytest.mark.parametrize("url", GOOD)
def test_how_mail_leaves(url: str, tmp_path: Path) -> None:
    """An address of a mail server is taken as it is, through to the workers."""
    given = load({"COUNTERFOIL_DATA_DIR": str(tmp_path), "COUNTERFOIL_MAIL": url})
    assert load(given.as_environment()).mail == url


@pytest.mark.parametrize("url", BAD)
def test_how_no_mail_leaves(url: str, tmp_path: Path) -> None:
    """What is no such address, or would show a password on an open line, is named at once."""
    with pytest.raises(SettingError, match="COUNTERFOIL_MAIL is invalid"):
        load({"COUNTERFOIL_DATA_DIR": str(tmp_path), "COUNTERFOIL_MAIL": url})


@pytest.mark.parametrize(
    ("base", "sender", "wanted"),
    [
        ("", "", "counterfoil@localhost"),
        ("https://cms.example.com/x", "", "counterfoil@cms.example.com"),
        ("https://[::1]:8400", "", "counterfoil@localhost"),
        ("https://cms.example.com", "tokens@example.com", "tokens@example.com"),
    ],
)
def test_whom_mail_is_from(base: str, sender: str, wanted: str, tmp_path: Path) -> None:
    """It comes from the address that is set, or from us at the host of the pages."""
    assert Settings(tmp_path, base_url=base, mail_from=sender).sender == wanted
