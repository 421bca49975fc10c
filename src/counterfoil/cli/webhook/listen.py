"""`counterfoil webhook listen`: a receiver on this machine, to see what is told, and by whom."""

from __future__ import annotations

import re
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Final

import click

from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.numbers import Whole
from counterfoil.cli.output import note
from counterfoil.cli.output.text import printable
from counterfoil.kernel.clock import system_clock

_MOST_BYTES: Final = 1 << 16
_LENGTH: Final = re.compile(r"[0-9]{1,9}")
_LONGEST_S: Final = 10


@click.command()
@click.option(
    "--secret-file",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    help="A file with the secret of the webhook: whsec_…",
)
@click.option(
    "--port", type=Whole(0, 65_535), default=8500, show_default=True,
    help="The port to listen at; 0 takes a free one.",
)  # fmt: skip
@click.option("--most", type=Whole(1), help="End after so many messages.")
def listen(secret_file: Path, port: int, most: int | None) -> None:
    """Receive messages at loopback, and print each that is signed, as a line of JSON.

    What the secret did not sign, or long ago, is answered 401. A server elsewhere reaches this
    through a tunnel; one on this machine needs COUNTERFOIL_WEBHOOK_NETWORKS=127.0.0.0/8.
    """
    try:
        server = _Receiver(port, _secret(secret_file))
    except OSError as error:
        raise Stop(Exit.CONFIG, f"Port {port} cannot be had ({error.strerror})") from None
    with server:
        note(f"… listening at http://127.0.0.1:{server.server_port}/")
        while most is None or server.told < most:
            server.handle_request()


class _Receiver(HTTPServer):
    """Keeps count of what it was told."""

    def __init__(self, port: int, secret: bytes) -> None:
        super().__init__(("127.0.0.1", port), _Message)
        self.secret, self.told = secret, 0


class _Message(BaseHTTPRequestHandler):
    """One request: printed if its signature holds."""

    server: _Receiver
    timeout = _LONGEST_S

    def do_POST(self) -> None:
        """Take a message in."""
        from counterfoil.webhooks.signature import holds

        length = self.headers.get("content-length", "")
        if not _LENGTH.fullmatch(length) or int(length) > _MOST_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        body = self.rfile.read(int(length))
        headers = {name.lower(): value for name, value in self.headers.items()}
        if not holds(self.server.secret, headers, body, system_clock()):
            note("✗ a request came that the secret did not sign, or not lately")
            self._answer(HTTPStatus.UNAUTHORIZED)
            return
        click.echo(printable(body.decode("utf-8", "replace")))
        self.server.told += 1
        self._answer(HTTPStatus.NO_CONTENT)

    def _answer(self, status: HTTPStatus) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request: what matters is printed."""


def _secret(file: Path) -> bytes:
    from counterfoil.webhooks.signature import read_secret

    try:
        return read_secret(file.read_text(encoding="utf-8").strip())
    except OSError as error:
        raise Stop(Exit.CONFIG, f"{file} cannot be read ({error.strerror})") from None
    except ValueError:
        raise Stop(Exit.CONFIG, f"{file} holds no secret of a webhook: whsec_…") from None
