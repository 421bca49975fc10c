"""An installation that is made where nothing was."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import closing

from chaos.kill.place import Copy, Place, asking
from chaos.kill.postgres import emptied
from counterfoil.app.build import build
from counterfoil.app.fit import bring_up
from support.installation import install


class Begun:
    """A first start: keys, tables, an organization, a token."""

    def prepare(self, place: Place, copy: Copy) -> None:
        """Take away what is there."""
        del copy
        shutil.rmtree(place.settings.data_dir)
        if place.url:
            emptied(place)

    def do(self, place: Place) -> None:
        """Make it, and note the token."""
        told = os.open(place.told, os.O_WRONLY | os.O_CREAT, 0o600)
        made = install(place.settings.data_dir, database_url=place.url)
        os.write(told, json.dumps(made.tokens).encode())

    def broken(self, place: Place) -> list[str]:
        """See that it can be begun on what was left, and that a token that was shown opens."""
        raw = place.told.read_bytes() if place.told.exists() else b""
        place.settings.prepare()
        bring_up(place.settings.url)
        with closing(build(place.settings)) as app:
            met = [
                asking(app)("GET", "/cma/token", token).status_code
                for token in json.loads(raw or b"[]")
            ]
        return [f"a token that was shown meets {status}" for status in met if status != 200]
