"""The post: takes a letter to a mail server, or to the console of who tries us out."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.message import EmailMessage
from functools import partial
from typing import Final, TextIO, TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

Post: TypeAlias = Callable[[EmailMessage], None]
"""Hands a letter over; raises UndeliverableError, or OSError if it cannot be done now."""

CONSOLE: Final = "console"
_PORTS: Final = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_PATIENCE_S: Final = 20.0
_FOR_GOOD: Final = 500


class UndeliverableError(Exception):
    """This letter will never arrive: there is nobody at its address, or it cannot be written."""


def post_to(url: str, console: TextIO) -> Post:
    """Return what hands letters over: to a mail server by its address, or to the console.

    Args:
        url: `smtp://`, `smtp+starttls://` or `smtps://` with `user:password@host:port`, or
            `console:`.
        console: where letters are printed in the latter case.
    """
    parts = urlsplit(url)
    return partial(_print, console) if parts.scheme == CONSOLE else partial(_hand_over, parts)


def _print(console: TextIO, message: EmailMessage) -> None:
    body = message.get_content().partition("\n-- ")[0].replace(f"{message['Subject']}.\n", "")
    lines = [f"  │ {line}\n" for line in body.splitlines() if line]
    console.write("".join([f"  ✉ {message['To']}: {message['Subject']}\n", *lines]))
    console.flush()


def _hand_over(to: SplitResult, message: EmailMessage) -> None:
    with _connected(to, message["From"].addresses[0].domain) as server:
        try:
            server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            if all(code >= _FOR_GOOD for code, _ in error.recipients.values()):
                raise UndeliverableError from error
            raise
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= _FOR_GOOD:
                raise UndeliverableError from error
            raise
        except (smtplib.SMTPNotSupportedError, UnicodeError) as error:
            raise UndeliverableError from error


def _connected(to: SplitResult, domain: str) -> smtplib.SMTP:
    """Return a connection to the mail server, which must prove itself where it is encrypted."""
    host, port = to.hostname or "", to.port or _PORTS[to.scheme]
    if to.scheme == "smtps":
        safe = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            host, port, domain, timeout=_PATIENCE_S, context=safe
        )
    else:
        server = smtplib.SMTP(host, port, domain, timeout=_PATIENCE_S)
    try:
        if to.scheme == "smtp+starttls":
            server.starttls(context=ssl.create_default_context())
        if to.username:
            server.login(unquote(to.username), unquote(to.password or ""))
    except BaseException:
        server.close()
        raise
    return server
