"""A verb that is told once, for two clients: one blocks, the other is awaited.

    class Tokens(Noun[W]):
        @verb
        def get(self, id_: str) -> Steps[PersonalToken]: ...

    Client(…).tokens.get("tok_…")                 # PersonalToken
    await AsyncClient(…).tokens.get("tok_…")      # the same

A verb's steps (`steps.py`) ask nobody; the wire behind its noun does them. Type checkers see which
wire that is, and so whether there is something to await.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from functools import update_wrapper, wraps
from typing import TYPE_CHECKING, Any, Concatenate, Generic, ParamSpec, TypeVar, cast, overload

from counterfoil.client.steps import Listing, Steps

if TYPE_CHECKING:
    from counterfoil.client.wire import Wire
    from counterfoil.client.wire_async import AsyncWire

P = ParamSpec("P")
T = TypeVar("T")
W = TypeVar("W", bound="Wire | AsyncWire")


class Noun(Generic[W]):
    """Something that the API speaks of, with what can be done about it."""

    def __init__(self, wire: W) -> None:
        self.wire = wire


def _dress(made: object, told: Callable[..., object]) -> None:
    """Give a verb the name and the words of its method, for help() on the class."""
    update_wrapper(cast("Callable[..., object]", made), told)  # it only sets attributes


class Verb(Generic[P, T]):
    """One call of the API."""

    def __init__(self, told: Callable[Concatenate[Any, P], Steps[T]]) -> None:
        self._told = told
        _dress(self, told)

    @overload
    def __get__(self, at: None, owner: type, /) -> Verb[P, T]: ...
    @overload
    def __get__(self, at: Noun[Wire], owner: type, /) -> Callable[P, T]: ...
    @overload
    def __get__(
        self, at: Noun[AsyncWire], owner: type, /
    ) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, at: Noun[Any] | None, owner: type, /) -> Any:
        """Return the verb as it is done by the wire of its noun."""
        if at is None:
            return self

        @wraps(self._told)
        def do(*args: P.args, **more: P.kwargs) -> object:
            return at.wire.run(self._told(at, *args, **more))

        return do


class ListVerb(Generic[P, T]):
    """A call of the API that is made once for each page, as far as somebody reads."""

    def __init__(self, told: Callable[Concatenate[Any, P], Listing[T]]) -> None:
        self._told = told
        _dress(self, told)

    @overload
    def __get__(self, at: None, owner: type, /) -> ListVerb[P, T]: ...
    @overload
    def __get__(self, at: Noun[Wire], owner: type, /) -> Callable[P, Iterator[T]]: ...
    @overload
    def __get__(self, at: Noun[AsyncWire], owner: type, /) -> Callable[P, AsyncIterator[T]]: ...
    def __get__(self, at: Noun[Any] | None, owner: type, /) -> Any:
        """Return the verb as it is done by the wire of its noun."""
        if at is None:
            return self

        @wraps(self._told)
        def do(*args: P.args, **more: P.kwargs) -> object:
            return at.wire.each(self._told(at, *args, **more))

        return do


def verb(told: Callable[Concatenate[Any, P], Steps[T]]) -> Verb[P, T]:
    """Make a method, which says its steps, a call of the API."""
    return Verb(told)


def list_verb(told: Callable[Concatenate[Any, P], Listing[T]]) -> ListVerb[P, T]:
    """Make a method, which says where a list is, the reading of its pages."""
    return ListVerb(told)
