"""DatoCMS's client at our server, and the wishes that it sends."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from vendors.play import Seen, play
from vendors.venue import Venue

FLAGS = ("can_access_cda", "can_access_cda_preview", "can_access_cma")


class Dato:
    """DatoCMS's client at one server, wherever its contract is mounted."""

    def __init__(self, venue: Venue, home: Path, mount: str = "/datocms") -> None:
        self.venue = venue
        self.home = home
        self.url = f"{venue.url}{mount}"

    def __call__(self, token: str, *steps: list[Any]) -> Seen:
        case = {"token": token, "steps": steps}
        return play("datocms.mjs", self.url, [case], self.home)[0]


def wish(venue: Venue, name: str, *flags: str, role: str = "editor") -> dict[str, Any]:
    """Return what a token is to be: with these flags alone, and with a role."""
    chosen = {flag: flag in flags for flag in FLAGS}
    return {"name": name, **chosen, "role": {"type": "role", "id": venue.role(role)}}
