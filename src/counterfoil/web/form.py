"""Forms as browsers send them, and the token that shows that a form is ours (S45)."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final
from urllib.parse import parse_qsl

from counterfoil.kernel.errors import (
    Code,
    Conflict,
    CounterfoilError,
    Denied,
    Invalid,
    Malformed,
)
from counterfoil.kernel.ids import OrganizationId
from counterfoil.kernel.sentence import sentence
from counterfoil.secret import holds_token
from counterfoil.signin.ticket import Ticket, digest

TOKEN: Final = "_form"  # noqa: S105 - the name of a field
"""The field in which a form carries its token. Fields that begin so are the frame's own."""

PLACE: Final = "place"
"""The field in which a form carries the organization for which it was made."""

_MOST_FIELDS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and what is wrong with it.

    Attributes:
        values: each field with what it was given, in order.
        errors: what is wrong, by field.
        summary: what is wrong with the whole.
    """

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)
    errors: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""

    @classmethod
    def read(cls, raw: bytes) -> Form:
        """Read a body.

        Raises:
            Malformed: if it is no form, or holds what no store can keep.
        """
        try:
            pairs = parse_qsl(
                raw.decode("ascii"),
                keep_blank_values=True,
                errors="strict",
                max_num_fields=_MOST_FIELDS,
            )
        except ValueError:
            raise Malformed(Code.INVALID_REQUEST, "The form cannot be read.") from None
        values: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            if "\0" in name + value:
                raise Malformed(
                    Code.INVALID_REQUEST, sentence("The field %(name)r holds NUL.", name=name[:80])
                )
            values[name] = (*values.get(name, ()), value.replace("\r\n", "\n"))
        return cls(values)

    def text(self, name: str, default: str = "") -> str:
        """Return what one field was given.

        Raises:
            Malformed: if it was given twice.
        """
        given = self.values.get(name, (default,))
        if len(given) > 1:
            raise Malformed(
                Code.INVALID_REQUEST, sentence("The field %(name)r is given twice.", name=name[:80])
            )
        return given[0]

    def many(self, name: str) -> tuple[str, ...]:
        """Return all that a field was given, as boxes of one name are."""
        return self.values.get(name, ())

    def ticked(self, name: str, value: str = "on", *, otherwise: bool = False) -> bool:
        """Say whether a box is ticked; `otherwise` counts before anything was sent."""
        return value in self.many(name) if self.values else otherwise

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What was typed, to be carried through a page in between."""
        return [
            (name, value)
            for name, values in self.values.items()
            if not name.startswith("_")
            for value in values
        ]

    def without_secrets(self, allowed: tuple[str, ...]) -> None:
        """Return if no access token stands where it would be kept (S9).

        Raises:
            Invalid: naming the field.
        """
        for name, value in self.kept:
            if name not in allowed and holds_token(value):
                raise Invalid(
                    Code.INVALID_FIELD,
                    "An access token stands in this text. If it is live, replace it: no text is "
                    "a place for it.",
                    field=f"/{name}",
                )

    def without(self, fields: tuple[str, ...]) -> Form:
        """Return it without what stands in these fields, which no page shows again (S9)."""
        rest = {name: given for name, given in self.values.items() if name not in fields}
        return replace(self, values=rest)

    def with_error(self, error: CounterfoilError, said: str) -> Form:
        """Return it with what is said of an error: beside its field if it has one, else on top."""
        words = [word for word in (error.field or "").split("/") if word and not word.isdigit()]
        if words:
            return replace(self, errors={words[-1]: said})
        return replace(self, summary=said)


NOTHING: Final = Form()


def token_of(ticket: str) -> str:
    """Return what the forms of a browser session carry; empty for who has none."""
    kept = digest(Ticket.FORM, ticket)
    return "" if kept is None else base64.urlsafe_b64encode(kept).rstrip(b"=").decode()


def require_same_place(form: Form, here: OrganizationId) -> None:
    """Return unless a form was made for another organization than the one where it would act.

    A person switches in one tab, and sends what another still shows: nothing in that is hostile,
    and a policy would be saved where nobody looked at it.

    Raises:
        Conflict: if it was.
    """
    if set(form.many(PLACE)) - {str(here)}:
        raise Conflict(
            Code.CONFLICT,
            "You are in another organization by now than the one that this form was made for."
            " Nothing was done: look at it again before you send it, or go back there.",
        )


def require_ours(form: Form, ticket: str) -> None:
    """Return if a form was made for this browser session.

    Raises:
        Denied: CROSS_SITE_REQUEST.
    """
    meant, said = token_of(ticket), form.values.get(TOKEN, ("",))[0]
    if not meant or not hmac.compare_digest(meant.encode(), said.encode()):
        raise Denied(
            Code.CROSS_SITE_REQUEST,
            "This form is out of date: load the page again and fill it in once more.",
        )
