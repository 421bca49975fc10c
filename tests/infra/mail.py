"""A real mail server, on a port of the loopback address."""

from __future__ import annotations

import email
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

from counterfoil.notices.post import Post, post_to
from infra.wait import free_port


class MailServer:
    """A mail server, what it was given, and whom it does not know."""

    def __init__(self) -> None:
        self.port = free_port()
        self.letters: list[EmailMessage] = []
        self.refuses: set[str] = set()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refuses:
            return "550 There is nobody of that name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        told = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(told, EmailMessage)
        assert envelope.rcpt_tos == [told["To"].addresses[0].addr_spec]
        self.letters.append(told)
        return "250 OK"

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Take letters in, until the block ends."""
        controller = Controller(self, hostname="127.0.0.1", port=self.port)
        controller.start()
        try:
            yield
        finally:
            controller.stop()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def post(self) -> Post:
        """What hands letters over to it."""
        return post_to(self.url, sys.stdout)

    def subjects(self, to: str) -> list[str]:
        """Return the subjects of the letters to an address, in order."""
        return [str(one["Subject"]) for one in self.letters if to in str(one["To"])]
