"""What a host says in its log when the audit trail is not what it has seen of it."""

from __future__ import annotations

import os
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from counterfoil.app.build import App, build
from counterfoil.audit import checkpoint, witness
from counterfoil.kernel.clock import system_clock
from counterfoil.runtime.repeating import Repeating
from counterfoil.runtime.signing import Signer
from support.installation import install


def look(app: App) -> None:
    with app.database.reading() as tx:
        witness.look(app.settings.audit_seen_file, tx, app.office.signer.public)


def said_by(app: App) -> str:
    """Return why a turn of what looks failed, as the log has it."""
    with capture_logs() as logs:
        assert not Repeating("the audit trail", partial(look, app), 1.0).now(1.0)
    [said] = logs
    return str(said["why"])


@pytest.mark.parametrize("other", ["key", "trail"])
def test_it_says_why(tmp_path: Path, other: str) -> None:
    """Under which key it is not signed, or from where it does not go on: no bare name (R15)."""
    made = install(tmp_path / "data")
    with closing(build(made.settings)) as app:
        checkpoint.keep(app.database, app.office.signer, system_clock)
        name = app.office.signer.public.name
        signer = Signer(checkpoint.PURPOSE, os.urandom(32)) if other == "key" else app.office.signer
        with app.database.reading() as tx:
            note = checkpoint.sign(tx, signer, system_clock()).note
        if other == "trail":
            lines = note.splitlines()
            longer = "".join(f"{line}\n" for line in (lines[0], "99999", *lines[2:5]))
            note = signer.sign(longer)
        app.settings.audit_seen_file.write_text(note)
        said = said_by(app)
    expected = f"it is not signed by {name}" if other == "key" else "99999 seen at"
    assert expected in said
