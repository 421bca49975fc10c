"""The whole house in this process, on a sample: a server's worth of it without a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from werkzeug.test import Client

from counterfoil.app.build import App, build
from counterfoil.runtime.settings import Settings
from support.sample import Said, Sample
from support.signed_in import sign_in

_UNAUTHORIZED = 401


@dataclass(frozen=True)
class Inside:
    """The house, and who speaks to it."""

    app: App
    sample: Sample

    def bearing(self, token: str) -> Callable[..., Said]:
        """Return one who carries a token."""

        def speak(method: str, path: str, body: object = None, **headers: str) -> Said:
            sent = {"Authorization": f"Bearer {token}"}
            sent |= {name.replace("_", "-"): value for name, value in headers.items()}
            seen = Client(self.app.wsgi).open(path, method=method, json=body, headers=sent)
            told = seen.get_json() if seen.is_json and seen.data else None
            return Said(seen.status_code, {n.lower(): v for n, v in seen.headers.items()}, told)

        return speak

    def living(self, place: int) -> Callable[..., Said]:
        """Return a person who signs in again when what others ask for has ended their session."""
        bearers = [self.bearing(self.sign_in(place))]

        def speak(method: str, path: str, body: object = None, **headers: str) -> Said:
            seen = bearers[0](method, path, body, **headers)
            if seen.status != _UNAUTHORIZED:
                return seen
            bearers[0] = self.bearing(self.sign_in(place))
            return bearers[0](method, path, body, **headers)

        return speak

    def put(self, url: str, raw: bytes) -> int:
        """Send a file."""
        return Client(self.app.wsgi).put(urlsplit(url).path, data=raw).status_code

    def sign_in(self, place: int) -> str:
        """Sign one of the sample's people in, as the command line does; return the session."""
        person = self.sample.told["people"][place]
        return sign_in(self.app.wsgi, person["email"], person["password"])


@contextmanager
def inside(sample: Sample) -> Iterator[Inside]:
    """Open a sample in this process."""
    app = build(Settings(data_dir=sample.directory))
    try:
        yield Inside(app, sample)
    finally:
        app.close()
