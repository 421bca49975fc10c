"""Filters, sorts and searches that make no sense, or would tell what is out of sight."""

from __future__ import annotations

import pytest

from support.content import token
from support.harbour import OF, Harbour


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("filter[fields][name]=x", "filter[type]"),
        ("sort=fields.name", "filter[type]"),
        ("filter[type]=dock&filter[fields][other]=x", "filter[fields][other]"),
        ("filter[type]=nothing&filter[fields][name]=x", "filter[fields][name]"),
        ("filter[type]=dock&filter[fields][name][like]=x", "filter[fields][name][like]"),
        ("filter[type]=dock&filter[fields][name][gt][lt]=x", "filter[fields][name][gt][lt]"),
        ("filter[type]=dock&filter[fields][]=x", "filter[fields][]"),
        ("filter[type]=dock&filter[fields]=x", "filter[fields]"),
        ("filter[type]=dock&filter[fields][rank]=x", "filter[fields][rank]"),
        ("filter[type]=dock&filter[fields][rank]=nan", "filter[fields][rank]"),
        ("filter[type]=dock&filter[fields][price][in]=1,", "filter[fields][price][in]"),
        ("filter[type]=dock&filter[fields][open]=1", "filter[fields][open]"),
        ("filter[type]=dock&filter[fields][open][gt]=true", "filter[fields][open][gt]"),
        ("filter[type]=dock&filter[fields][name][exists]=1", "filter[fields][name][exists]"),
        ("filter[type]=dock&filter[fields][tags]=x", "filter[fields][tags]"),
        (f"{OF}[tags][in]=x", "filter[fields][tags][in]"),
        (f"{OF}[tags][gt]=x", "filter[fields][tags][gt]"),
        (f"{OF}[name][has]=x", "filter[fields][name][has]"),
        (f"{OF}[near][has]=1", "filter[fields][near][has]"),
        (f"{OF}[ranks][has]=x", "filter[fields][ranks][has]"),
        (f"{OF}[ranks][has_any]=1,", "filter[fields][ranks][has_any]"),
        (f"{OF}[tags][has_all]=" + "1," * 10 + "1", "filter[fields][tags][has_all]"),
        (f"{OF}[tags][has]=" + "x" * 200, "filter[fields][tags][has]"),
        ("filter[type]=dock&filter[fields][near][exists]=true", "filter[fields][near][exists]"),
        ("filter[type]=dock&filter[fields][near][gt]=1", "filter[fields][near][gt]"),
        (f"{OF}[all_near][exists]=true", "filter[fields][all_near][exists]"),
        ("filter[type]=dock&filter[fields][name]=" + "x" * 200, "filter[fields][name]"),
        ("filter[type]=dock&filter[fields][name]=x&filter[fields][name]=y", "filter[fields][name]"),
        (f"{OF}[rank][in]=" + "1," * 51 + "1", "filter[fields][rank][in]"),
        ("&".join(f"{OF}[a{n}]=1" for n in range(11)), "filter[type]"),
        ("&".join(f"filter[fields][a{n}]=1" for n in range(11)), "filter[fields]"),
        ("filter[type]=dock&sort=fields.other", "sort"),
        ("filter[type]=dock&sort=fields.", "sort"),
        ("filter[type]=dock&sort=fields.tags", "sort"),
        ("filter[type]=dock&sort=fields.near", "sort"),
        ("filter[type]=dock&sort=name", "sort"),
        ("sort=slug,slug,slug,slug", "sort"),
        ("sort=", "sort"),
        ("filter[query]=", "filter[query]"),
        ("filter[query]=!!", "filter[query]"),
        ("filter[query]=" + "x" * 201, "filter[query]"),
        ("filter[query]=" + "x+" * 21, "filter[query]"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked(plain: Harbour, query: str, parameter: str) -> None:
    """A filter or sort that makes no sense is a 400 that names its parameter (S39)."""
    assert plain.refused(query) == (400, parameter)


def test_a_type_outside_is_unknown(plain: Harbour) -> None:
    """Who meets no entry of a type is not told which properties it has (S30)."""
    plain.make("far", plain.outside, name="x")
    visitor = token(plain.inside)
    for type_ in ("dock", "nothing"):
        for query, parameter in (
            ("filter[fields][name]=x", "filter[fields][name]"),
            ("sort=fields.name", "sort"),
        ):
            refused = plain.refused(f"filter[type]={type_}&{query}", visitor)
            assert refused == (400, parameter)
