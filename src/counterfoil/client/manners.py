"""How one asks: by which credential, what is asked again and when, what an answer amounts to.

Nothing here talks to anybody: what is to be done is yielded as steps (`steps.py`).
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit

from counterfoil.client.answer import Answer, error_of, wait_of
from counterfoil.client.credential import Credential, usable
from counterfoil.client.errors import Invalid, Refused, Unexpected, Unreachable
from counterfoil.client.patience import USUAL, Patience
from counterfoil.client.redact import Hidden, redact
from counterfoil.client.resource import listed
from counterfoil.client.steps import Ask, Listing, Pause, Query, Steps, T, Turn
from counterfoil.kernel.clock import Clock, system_clock
from counterfoil.kernel.entropy import Entropy, system_entropy

_LIMITED: Final = 429
"""A limit refuses before anything is done, so what met one may be asked again, whatever it is."""
_UNAUTHORIZED: Final = 401
_AGAIN: Final = frozenset({_LIMITED, 502, 503, 504})
_DEAD: Final = frozenset({"invalid_grant", "invalid_client"})

log = logging.getLogger("counterfoil.client")


class Manners:
    """What all calls of one client have in common.

    Args:
        credential: by what the caller is known, if by anything.
        organization: where one acts, if the credential speaks in several.
        patience: how often and how long.
        clock: what a `Retry-After` that is a date counts from.
        entropy: where Idempotency-Keys come from.
    """

    def __init__(
        self,
        credential: Credential | None,
        organization: str | None = None,
        patience: Patience = USUAL,
        clock: Clock = system_clock,
        entropy: Entropy = system_entropy,
    ) -> None:
        self._credential = credential
        self._everywhere = (
            {"counterfoil-organization": usable(organization)} if organization else {}
        )
        self.patience = patience
        self._clock = clock
        self._entropy = entropy

    def ask(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: object | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Steps[Answer]:
        """Return the answer to one API call.

        Raises:
            ClientError: for every other end; `ApiError` and its kinds where the server said no.
        """
        sent = self._everywhere | dict(headers or {})
        raw = None
        if body is not None:
            raw = json.dumps(body).encode()
            sent["content-type"] = "application/vnd.api+json"
        ask = Ask(method, path, query or {}, raw, sent)
        if self._credential is None:
            return (yield from self._final(ask))
        bearer = yield Turn(self._credential.bearer(self.form))
        answer = yield from self._insist(_borne(ask, bearer))
        if answer.status == _UNAUTHORIZED and (
            yield Turn(self._credential.renew(self.form, bearer))
        ):
            bearer = yield Turn(self._credential.bearer(self.form))
            answer = yield from self._insist(_borne(ask, bearer))
        return self._judged(answer)

    def create(
        self, path: str, body: object, headers: Mapping[str, str] | None = None
    ) -> Steps[Answer]:
        """POST what is to be made at most once, however often it is asked for (R9)."""
        key = {"idempotency-key": self._entropy(16).hex()}
        return self.ask("POST", path, body=body, headers=key | dict(headers or {}))

    def form(self, fields: Mapping[str, str], path: str = "/oauth/token") -> Steps[dict[str, Any]]:
        """POST a form to the token endpoint, without the bearer; return what it answers.

        Raises:
            Refused: if the grant or the client is not in force, whatever the status.
        """
        return (yield from self.post(fields, path)).document

    def post(self, fields: Mapping[str, str], path: str) -> Steps[Answer]:
        """POST a form as `form` does; return the whole answer."""
        type_ = {"content-type": "application/x-www-form-urlencoded"}
        ask = Ask("POST", path, {}, urlencode(dict(fields)).encode(), type_)
        try:
            return (yield from self._final(ask))
        except Invalid as error:
            if error.code not in _DEAD:
                raise
            raise Refused(
                error.status, error.code, error.detail, request_id=error.request_id
            ) from None

    def exchange(self, fields: Mapping[str, str]) -> Steps[dict[str, Any]]:
        """POST a form to the token endpoint about the very token that the client speaks by.

        Raises:
            Unexpected: if it speaks by none.
        """
        if self._credential is None:
            message = "there is no token to exchange"
            raise Unexpected(message)
        bearer = yield Turn(self._credential.bearer(self.form))
        return (yield from self.form({**fields, "subject_token": bearer}))

    def page(self, listing: Listing[T], after: str | None) -> Steps[tuple[list[T], str | None]]:
        """Return one page of a list, and the cursor of the next if there is one."""
        query = dict(listing.query) | ({} if after is None else {"page[after]": after})
        answer = yield from self.ask("GET", listing.path, query=query)
        following = _after(answer)
        return [listing.of(one) for one in listed(answer.data)], (
            None if following == after else following
        )

    def _final(self, ask: Ask) -> Steps[Answer]:
        return self._judged((yield from self._insist(ask)))

    def _judged(self, answer: Answer) -> Answer:
        error = error_of(answer, self._clock)
        if error is not None:
            raise error
        return answer

    def _insist(self, ask: Ask) -> Steps[Answer]:
        patience = self.patience
        attempt = 0
        while True:  # the last attempt returns or raises
            attempt += 1
            spent = attempt >= patience.attempts
            last = spent or not ask.repeatable
            pause = patience.first_wait_s * 2 ** (attempt - 1)
            try:
                answer: Answer = yield ask
            except Unreachable as error:
                if attempt >= patience.connects if not error.sent else last:
                    raise
                log.info("%s: asking again in %.1f s", redact(str(error)), pause)
            else:
                asked = wait_of(answer, self._clock)
                pause = pause if asked is None else asked
                log.debug(
                    "%s %s: %d, request %s",
                    ask.method,
                    redact(ask.path),
                    answer.status,
                    answer.headers.get("x-request-id", "-"),
                )
                last = spent if answer.status == _LIMITED else last
                if last or answer.status not in _AGAIN or pause > patience.longest_wait_s:
                    return answer
                log.info("answered %d: asking again in %.1f s", answer.status, pause)
            yield Pause(pause)


def _borne(ask: Ask, bearer: str) -> Ask:
    carried = {**ask.headers, "authorization": Hidden(f"Bearer {bearer}")}
    return Ask(ask.method, ask.path, ask.query, ask.body, carried)


def _after(answer: Answer) -> str | None:
    """Return the next page's cursor: all that is taken from the link, never its address."""
    links = answer.document.get("links")
    following = links.get("next") if isinstance(links, dict) else None
    if not isinstance(following, str):
        return None
    return next(iter(parse_qs(urlsplit(following).query).get("page[after]", [])), None)
