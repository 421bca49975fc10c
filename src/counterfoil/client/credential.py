"""By what a client is known: a token, a key-and-secret pair, or a person's session.

A credential never prints itself, and it is asked for its bearer only when a request goes to the one
origin that the client is bound to.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final, Protocol

from counterfoil.client.answer import ENDLESS_S
from counterfoil.client.errors import CredentialUnusable, Refused, Unexpected
from counterfoil.client.redact import Hidden, shown
from counterfoil.client.steps import Steps
from counterfoil.kernel.clock import Clock, system_clock

CLI_CLIENT: Final = "counterfoil-cli"
"""The public OAuth client that is built into every server."""

_EARLY_S: Final = 30
_VISIBLE: Final = range(0x21, 0x7F)

Exchange = Callable[[Mapping[str, str]], Steps[dict[str, Any]]]
"""Posts a form to the token endpoint of the bound origin and returns the answer."""


class Credential(Protocol):
    """What a client needs of any credential: steps, so that it serves both kinds of wire.

    One that asks nobody for anything says `yield from ()` and returns. The steps of one client are
    done one at a time.
    """

    def bearer(self, exchange: Exchange, /) -> Steps[str]:
        """Return the token for the next request, getting a new one first if it must."""
        ...

    def renew(self, exchange: Exchange, refused: str, /) -> Steps[bool]:
        """Say whether there is another bearer than what met a 401, so that asking again helps."""
        ...


def usable(text: str) -> Hidden:
    """Return a credential that can stand in a header.

    Raises:
        CredentialUnusable: for an empty one, or one with spaces, line ends or beyond ASCII.
    """
    if not text or any(ord(character) not in _VISIBLE for character in text):
        message = "a credential is made of letters, digits and `_`: this was not sent"
        raise CredentialUnusable(message)
    return Hidden(text)


class Bearer:
    """A token, as it is."""

    __slots__ = ("_token",)

    def __init__(self, token: str) -> None:
        self._token = usable(token)

    def bearer(self, _exchange: Exchange, /) -> Steps[str]:
        """Return the token."""
        yield from ()
        return self._token

    def renew(self, _exchange: Exchange, _refused: str, /) -> Steps[bool]:
        """Say no: what is refused stays refused."""
        yield from ()
        return False

    def __repr__(self) -> str:
        return f"<Bearer {shown(self._token)}>"


class Pair:
    """A client id and secret; each token that it gets is kept until shortly before its end."""

    __slots__ = ("_clock", "_good_until", "_id", "_secret", "_token")

    def __init__(self, client_id: str, secret: str, clock: Clock = system_clock) -> None:
        self._id = usable(client_id)
        self._secret = usable(secret)
        self._clock = clock
        self._token = Hidden()
        self._good_until = 0.0

    def bearer(self, exchange: Exchange, /) -> Steps[str]:
        """Return a short-lived token of this pair."""
        now = self._clock.seconds()
        if not self._token or now >= self._good_until:
            answer = yield from exchange(
                {
                    "grant_type": "client_credentials",
                    "client_id": self._id,
                    "client_secret": self._secret,
                }
            )
            self._token = usable(_text(answer, "access_token"))
            self._good_until = now + _seconds(answer) - _EARLY_S
        return self._token

    def renew(self, _exchange: Exchange, refused: str, /) -> Steps[bool]:
        """Say no, but forget the token: the pair itself may be revoked, and asking says so."""
        yield from ()
        if self._token == refused:
            self._token = Hidden()
        return False

    def __repr__(self) -> str:
        return f"<Pair {self._id!s}>"


@dataclass(frozen=True, slots=True)
class SessionTokens:
    """What a sign-in left behind. `good_until` is in Unix seconds."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    good_until: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "access", Hidden(self.access))
        object.__setattr__(self, "refresh", Hidden(self.refresh))

    @classmethod
    def of(cls, answer: dict[str, Any], now: float) -> SessionTokens:
        """Read the answer of the token endpoint."""
        return cls(
            usable(_text(answer, "access_token")),
            usable(_text(answer, "refresh_token")),
            now + _seconds(answer),
        )


class Kept(Protocol):
    """Where a session is stored, for as long as nobody else may touch it."""

    def tokens(self) -> SessionTokens:
        """Return what is stored now."""
        ...

    def put(self, fresh: SessionTokens, /) -> None:
        """Store what a refresh brought."""
        ...


class Session:
    """A person's sign-in. Its short-lived token is refreshed without a word.

    `keep` locks the place where the session is stored, and stores what a refresh brought before it
    is used: the old refresh token is dead by then. What is stored may be newer than ours, for
    another process may have been quicker.
    """

    __slots__ = ("_client_id", "_clock", "_keep", "_tokens")

    def __init__(
        self,
        tokens: SessionTokens,
        keep: Callable[[], AbstractContextManager[Kept]] | None = None,
        clock: Clock = system_clock,
        client_id: str = CLI_CLIENT,
    ) -> None:
        self._tokens = tokens
        self._keep = keep or (lambda: nullcontext(_Unkept(self._tokens)))
        self._clock = clock
        self._client_id = client_id

    def bearer(self, exchange: Exchange, /) -> Steps[str]:
        """Return an access token that is good for a while yet."""
        if self._clock.seconds() >= self._tokens.good_until - _EARLY_S:
            yield from self.renew(exchange, self._tokens.access)
        return self._tokens.access

    def renew(self, exchange: Exchange, refused: str, /) -> Steps[bool]:
        """Get a new access token; no, if the session itself is over."""
        if self._tokens.access != refused:
            return True
        with self._keep() as kept:
            stored = kept.tokens()
            if stored.refresh == self._tokens.refresh:
                try:
                    answer = yield from exchange(
                        {
                            "grant_type": "refresh_token",
                            "client_id": self._client_id,
                            "refresh_token": stored.refresh,
                        }
                    )
                except Refused:
                    return False
                stored = SessionTokens.of(
                    {"refresh_token": stored.refresh} | answer, self._clock.seconds()
                )
                kept.put(stored)
            self._tokens = stored
        return True

    def __repr__(self) -> str:
        return f"<Session {shown(self._tokens.access)}>"


class _Unkept:
    """A session that is stored nowhere."""

    def __init__(self, tokens: SessionTokens) -> None:
        self._tokens = tokens

    def tokens(self) -> SessionTokens:
        """Return what there is."""
        return self._tokens

    def put(self, fresh: SessionTokens, /) -> None:
        """Store nothing."""


def _text(answer: dict[str, Any], key: str) -> str:
    value = answer.get(key)
    if not isinstance(value, str):
        message = f"the token endpoint answered without {key}"
        raise Unexpected(message)
    return value


def _seconds(answer: dict[str, Any]) -> float:
    value = answer.get("expires_in", 0)
    return min(value, ENDLESS_S) if isinstance(value, int | float) else 0.0
