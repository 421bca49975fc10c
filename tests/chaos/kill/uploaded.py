"""A file that is made an asset."""

from __future__ import annotations

import os
from contextlib import closing
from typing import Final

from sqlalchemy import text

from chaos.kill.asked import OTHER
from chaos.kill.books import disagreeing
from chaos.kill.place import Copy, Place, asking, node
from counterfoil.app.build import App
from counterfoil.content.doors.examples import NEW_UPLOAD

_FILE: Final = b"bytes"
_ASSETS: Final = "SELECT id FROM node WHERE kind = 'asset'"


class Uploaded:
    """It is sent, and then an asset is made of it."""

    def prepare(self, place: Place, copy: Copy) -> None:
        """Nothing is needed."""
        del place, copy

    def do(self, place: Place) -> None:
        """Do it, and note the answer."""
        told = os.open(place.told, os.O_WRONLY | os.O_CREAT, 0o600)
        with closing(place.opened()) as app:
            os.write(told, str(_made(app, place)).encode())

    def broken(self, place: Place) -> list[str]:
        """See that an asset that is there has its file, and that another one can be made."""
        told, found = place.told.read_text() if place.told.exists() else "", []
        with closing(place.opened(OTHER)) as app:
            there = _assets(app)
            if told and int(told) not in there:
                found.append("it was answered, and is lost")
            found += [f"{one} has no file" for one in there if _file(app, place, one) != _FILE]
            found += disagreeing(app)
            if _file(app, place, _made(app, place)) != _FILE:
                found.append("made again it has no file")
        return found


def _made(app: App, place: Place) -> int:
    ask, manager = asking(app), place.known["manager"]
    given = ask("POST", "/cma/upload_requests", manager, json=NEW_UPLOAD).get_json()["data"]
    sent = ask("PUT", given["attributes"]["url"], "", data=_FILE)
    assert sent.status_code == 204, sent.text
    slug = f"{len(_assets(app))}.txt"
    asset = node(place.known["there"], upload=given["id"], filename="a.txt", slug=slug)
    del asset["attributes"]["kind"]
    made = ask("POST", "/cma/assets", manager, json={"data": asset})
    assert made.status_code == 201, made.text
    return int(made.get_json()["data"]["id"])


def _assets(app: App) -> set[int]:
    with app.database.reading() as tx:
        return set(tx.scalars(text(_ASSETS)))


def _file(app: App, place: Place, asset: int) -> bytes:
    seen = asking(app)("GET", f"/cma/assets/{asset}/file", place.known["manager"])
    return bytes(seen.data)
