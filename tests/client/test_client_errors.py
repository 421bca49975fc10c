"""The classes of failures, beside the catalogue of codes."""

from __future__ import annotations

import pytest

from counterfoil.client import errors
from counterfoil.client.errors import ApiError, kind_of
from counterfoil.jsonapi.fault import status_of
from counterfoil.kernel import errors as ours
from counterfoil.kernel.errors import MEANING, Code

FAMILIES: dict[type[ours.CounterfoilError], type[ApiError]] = {
    ours.Refused: errors.Refused,
    ours.Denied: errors.Denied,
    ours.NotFound: errors.NotFound,
    ours.Conflict: errors.Conflict,
    ours.Stale: errors.Stale,
    ours.Invalid: errors.Invalid,
    ours.Malformed: errors.Invalid,
    ours.Unconditional: errors.Stale,
    ours.Limited: errors.Limited,
    ours.Unserved: errors.Broken,
}


@pytest.mark.parametrize(
    ("family", "code"), [(family, code) for family, codes in MEANING.items() for code in codes]
)
def test_each_code_of_the_catalogue_has_a_class_of_its_family(
    family: type[ours.CounterfoilError], code: Code
) -> None:
    """Whoever catches a family catches every code of it, also one that has a class of its own."""
    assert issubclass(kind_of(status_of(code), code), FAMILIES[family])


def test_every_class_is_somebodys() -> None:
    """A class that no code of the catalogue leads to is one that nobody will ever catch."""
    reached = {kind_of(status_of(code), code) for codes in MEANING.values() for code in codes}
    classes = {
        one
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, ApiError) and one is not ApiError
    }
    assert classes == reached | {errors.Conflict, errors.Limited}


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "LOCKED", errors.Denied),
        (401, "NAME_TAKEN", errors.Refused),
        (500, "TOKEN_EXPIRED", errors.Broken),
        (404, "NO_SUCH_CODE", errors.NotFound),
        (418, "", errors.Invalid),
    ],
)
def test_a_status_is_believed_before_a_code(status: int, code: str, kind: type[ApiError]) -> None:
    """An answer whose code is another family's is what its status says, as is an unknown code."""
    assert kind_of(status, code) is kind
