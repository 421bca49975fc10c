"""What is measured: the bare look-up, the whole decision, the middleware, and PyJWT."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import cycle
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)

from bench.world import Known
from counterfoil.access.scope import Scope
from counterfoil.access.surface import Surface
from counterfoil.gate.grants import grant
from counterfoil.gate.middleware_wsgi import CALLER, Gate
from counterfoil.gate.replica import Replica
from counterfoil.gate.verifier import Verifier
from counterfoil.kernel.entropy import system_entropy
from counterfoil.kernel.errors import Code, CounterfoilError
from counterfoil.kernel.ids import NodeId
from counterfoil.secret import Kind, Secret, digest

Subject = Callable[[], object]

DOMAIN: Final = b"counterfoil/token/v1\0"
SURFACE: Final = Surface.MANAGEMENT
SCOPE: Final = Scope.CONTENT_WRITE
_KEY: Final = "x" * 32


def bare(replica: Replica, known: Iterable[Known]) -> Subject:
    """A digest and one look-up: the least that any verification could cost."""
    texts, begin, tokens = cycle([one.text for one in known]), replica.begin, replica.books.tokens

    def run() -> object:
        key = sha256(DOMAIN + next(texts).encode("ascii")).digest()
        txn = begin()
        value = txn.get(key, None, tokens)
        txn.abort()
        return value

    return run


def digesting(known: Iterable[Known]) -> Subject:
    """The digest of a token string alone."""
    texts = cycle([one.text for one in known])
    return lambda: digest(next(texts))


def unread(decide: Subject) -> Subject:
    """The same by a process that has never read such bounds and roles before."""

    def run() -> object:
        grant.cache_clear()
        return decide()

    return run


def decision(verifier: Verifier, known: Iterable[Known], *, node: bool = True) -> Subject:
    """From header to node."""
    sent = cycle([(f"Bearer {one.text}", NodeId(one.inside) if node else None) for one in known])
    environ: dict[str, Any] = {}

    def run() -> object:
        environ["HTTP_AUTHORIZATION"], node = next(sent)
        return verifier.decide(environ, SURFACE, SCOPE, node)

    return run


def verification(verifier: Verifier, known: Iterable[Known]) -> Subject:
    """From token to caller."""
    texts = cycle([one.text for one in known])
    return lambda: verifier.verify(next(texts))


def middleware(verifier: Verifier, known: Iterable[Known]) -> Subject:
    """The whole middleware, round an application that says nothing."""

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> list[bytes]:
        start("200 OK", [("Content-Length", "0")])
        return [b""]

    gate = Gate(application, verifier)
    headers = cycle([f"Bearer {one.text}" for one in known])

    def start_response(_status: str, _headers: list[tuple[str, str]]) -> None:
        pass

    def run() -> object:
        return gate({"HTTP_AUTHORIZATION": next(headers), "QUERY_STRING": ""}, start_response)

    return run


def pyjwt(algorithm: str) -> Subject:
    """The peer: a signed token of the same content, decoded and its signature verified."""
    claims = {"sub": "1234567890123456", "exp": 4_102_444_800, "scope": "content:read"}
    sign, verify = _pair() if algorithm == "ES256" else (_KEY, _KEY)
    token = jwt.encode(claims, sign, algorithm=algorithm)
    return lambda: jwt.decode(token, verify, algorithms=[algorithm])


def _pair() -> tuple[EllipticCurvePrivateKey, EllipticCurvePublicKey]:
    private = generate_private_key(SECP256R1())
    return private, private.public_key()


class WrongError(Exception):
    """What would be measured does not do what it should, so it is not measured."""


def prove(verifier: Verifier, known: list[Known]) -> None:
    """Return if good is good and bad is bad.

    Raises:
        WrongError: naming what is not.
    """
    if len({one.text for one in known}) != len(known):
        raise WrongError("the tokens are not unique")
    for one in known[:200]:
        caller = verifier.decide(_sent(one.text), SURFACE, SCOPE, NodeId(one.inside))
        if (caller.token, caller.user, caller.organization) != (
            one.token,
            one.user,
            one.organization,
        ):
            raise WrongError("a good token is somebody else's")
        _refused(verifier, _sent(one.text), one.outside, Code.OUTSIDE_ROOT_NODES)
        stranger = Secret.mint(Kind.PERSONAL, system_entropy).reveal()
        _refused(verifier, _sent(stranger), one.inside, Code.INVALID_TOKEN)
        _refused(verifier, {}, one.inside, Code.MISSING_AUTHORIZATION_HEADER)
    seen: list[str] = []
    gate = Gate(lambda _environ, _start: [b""], verifier, required=True)
    environ = _sent(known[0].text)
    gate(environ, lambda status, _headers: seen.append(status))
    gate({}, lambda status, _headers: seen.append(status))
    if environ[CALLER].token != known[0].token or seen != ["401 Unauthorized"]:
        raise WrongError("the middleware lets the wrong ones in")


def _sent(text: str) -> dict[str, Any]:
    return {"HTTP_AUTHORIZATION": f"Bearer {text}"}


def _refused(verifier: Verifier, sent: dict[str, Any], node: int, code: Code) -> None:
    try:
        verifier.decide(sent, SURFACE, SCOPE, NodeId(node))
    except CounterfoilError as error:
        if error.code is code:
            return
    message = f"{code} was not said where it should be"
    raise WrongError(message)
