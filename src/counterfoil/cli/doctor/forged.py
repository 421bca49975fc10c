"""What a client writes of itself: which address is judged, and who it is.

Who it is has to stop at the proxy. The gate refuses what gets as far as the gate; what gets past it
to the API is known to the API alone, or to the doctor in its place (`stand_in.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from counterfoil.cli.doctor.finding import Finding, bad, doubtful, good
from counterfoil.cli.doctor.stand_in import Arrivals
from counterfoil.cli.doctor.way import Heard, Way

DEPLOY: Final = "Compare its configuration with the one in `deploy/` for this proxy."

_SPELLINGS: Final = ("X-Original-URI", "X_Original_URI", "X-Forwarded-Uri", "X_Forwarded_Uri")
_IDENTITY: Final = (
    "Counterfoil-Subject",
    "Counterfoil-Organization",
    "Counterfoil-Token-Id",
    "Counterfoil-Token-Name",
    "Counterfoil-Token-Kind",
    "Counterfoil-Scopes",
    "Counterfoil-Roots",
    "Counterfoil-Late",
    "Counterfoil-Request-Id",
    "Counterfoil-Assertion",
)
_SIGNS: Final = "-_."
"""Between the words of a header's name. Many an API reads all three as one."""


def forged_address(way: Way, token: str) -> Iterator[Finding]:
    """Look whether a client may name the address that is judged; it reaches no other by that."""
    honest = way.ask(way.beside, token)
    for name in _SPELLINGS:
        heard = way.ask(way.beside, token, {name: way.target})
        if heard.code or heard == honest:
            yield good(f"forged {name}", str(heard))
            continue
        yield bad(
            f"forged {name}",
            f"{heard}: a client says by itself which address is judged",
            f"The proxy shall drop {name} before it asks the gate. {DEPLOY}",
        )


def forged_identity(way: Way, token: str, arrivals: Arrivals | None) -> Iterator[Finding]:
    """Look how far a client's word on who it is gets: to the gate, to the API, or nowhere."""
    honest = way.ask(way.target, token)
    if honest.code or (arrivals is not None and not arrivals):
        yield doubtful("forged identity", "not tried: no good request arrives", "See `your token`.")
        return
    for sign in _SIGNS:
        names = [name.replace("-", sign) for name in _IDENTITY]
        word = way.nobody()
        heard = way.ask(way.target, token, dict.fromkeys(names, word))
        if heard == honest:
            yield from _let_through(heard, f"Counterfoil{sign}…", word, arrivals)
        else:
            yield from _at_the_gate(way, token, honest, names)
    if arrivals is None:
        yield doubtful(
            "what arrives",
            "what the API gets is not seen from here",
            "Stop the API for a moment, and say where it listens: --stand-in 127.0.0.1:8000",
        )


def taken_identity(way: Way, token: str, arrivals: Arrivals) -> Iterator[Finding]:
    """Look whether a client keeps the gate's word from the API by naming it in `Connection`."""
    honest, said = way.ask(way.target, token), arrivals.said_last()
    if honest.code or not said:
        return
    heard = way.ask(way.target, token, {"Connection": ", ".join(["close", *said])})
    missing = [] if heard.code else sorted(set(said) - set(arrivals.said_last()))
    if missing:
        yield bad(
            "Connection",
            f"{heard}: by naming it there a client keeps {missing[0]} from the API",
            f"The proxy shall drop our names from Connection before it asks the gate. {DEPLOY}",
        )
    else:
        yield good("Connection", f"{heard}: it keeps nothing from the API")


def _let_through(
    heard: Heard, name: str, word: str, arrivals: Arrivals | None
) -> Iterator[Finding]:
    """Say what became of a forged header in a request that was let through."""
    arrived = [] if arrivals is None else arrivals.names_of(word)
    if not arrived and word.encode() in heard.body:
        arrived = [name]
    for one in arrived:
        yield bad(
            f"forged {one}",
            f"{heard}: a client's own word on who it is arrives at the API",
            f"The proxy shall set {one} to what the gate says, or drop it. {DEPLOY}",
        )
    if not arrived:
        kept = "does not reach the gate" if arrivals is None else "arrives nowhere"
        yield good(f"forged {name}", f"{heard}: it {kept}")


def _at_the_gate(way: Way, token: str, honest: Heard, names: list[str]) -> Iterator[Finding]:
    """Say which headers arrive at the gate, that refused them together."""
    for name in names:
        heard = way.ask(way.target, token, {name: way.nobody()})
        if heard != honest:
            yield bad(
                f"forged {name}",
                f"{heard}: a client's own word on who it is arrives at the gate, which refuses it",
                f"The proxy shall drop {name} before it asks the gate. {DEPLOY}",
            )
