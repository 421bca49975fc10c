"""The way to NATS, as the office of this machine would go it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from counterfoil.cli.doctor.finding import Finding, bad, doubtful, good

if TYPE_CHECKING:
    from counterfoil.runtime.settings import Settings

_WITHIN_S: Final = 5.0
_PAGE: Final = "See docs/how-to/tell-gates-over-nats.md."


def look(settings: Settings) -> Iterator[Finding]:
    """Yield what is found; nothing is said there, and nothing made."""
    from counterfoil.runtime.entrance import EntranceError, entrance
    from counterfoil.runtime.logging import configure

    try:
        from counterfoil.runtime.bus import Bus
    except ModuleNotFoundError:
        yield bad("NATS", "what speaks to it is not installed", "pip install 'counterfoil[nats]'")
        return
    configure("error")  # to standard error: what is found goes to standard output, as data too
    try:
        where = entrance(settings.nats, settings.nats_credentials)
    except EntranceError as error:
        yield bad("NATS", str(error), _PAGE)
        return
    subject = _subject(settings)
    if subject is None:
        yield doubtful("NATS", "this office has never told anything", "Start the server.")
        return
    bus = Bus(where, subject)
    bus.start()
    try:
        if not bus.wait_up(_WITHIN_S):
            why = bus.failing or "it does not answer"
            yield bad("NATS", f"no connection to {settings.nats}: {why}", _PAGE)
            return
        yield good("NATS", f"{settings.nats} lets this office in")
        kept = bus.last()
        if kept is None:
            told = "nothing is kept there for gates that were away: they ask the office"
            yield doubtful("NATS stream", told, _PAGE)
        else:
            yield good("NATS stream", f"{bus.stream} has kept {kept.number} pages in all")
    finally:
        bus.stop()


def _subject(settings: Settings) -> str | None:
    from counterfoil.feed.page import PURPOSE, subject_of
    from counterfoil.runtime.keyfile import KeyFileError, key_kept_in
    from counterfoil.runtime.signing import Signer

    try:
        return subject_of(Signer(PURPOSE, key_kept_in(settings.feed_key_file)).public)
    except (OSError, KeyFileError):
        return None
