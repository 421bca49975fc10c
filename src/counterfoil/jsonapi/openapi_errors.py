"""The failures in the OpenAPI document: one schema for each way of saying that something failed."""

from __future__ import annotations

from typing import Any, Final

from counterfoil.jsonapi.errors import NATIVE, PLAIN, PROBLEM
from counterfoil.jsonapi.route import Dialect
from counterfoil.kernel.errors import Code


def error_content(dialect: Dialect) -> dict[str, Any]:
    """Return the media types in which a dialect fails, each with its schema."""

    def refer(name: str) -> dict[str, Any]:
        return {"schema": {"$ref": f"#/components/schemas/{name}"}}

    if dialect is Dialect.DATOCMS:
        return {PLAIN: refer("ApiErrors")}
    if dialect is Dialect.OAUTH:
        return {PLAIN: refer("OAuthError")}
    return {PLAIN: refer("Errors"), NATIVE: refer("Errors"), PROBLEM: refer("Problem")}


_CODE: Final = {"type": "string", "enum": sorted(Code)}
_TEXT: Final = {"type": "string"}

ERRORS: Final[dict[str, Any]] = {
    "Errors": {
        "type": "object",
        "required": ["errors"],
        "properties": {
            "errors": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["id", "status", "code", "title"],
                    "properties": {
                        "id": _TEXT,
                        "status": _TEXT,
                        "code": _CODE,
                        "title": _TEXT,
                        "detail": _TEXT,
                        "source": {"type": "object"},
                        "meta": {"type": "object"},
                        "links": {"type": "object"},
                    },
                },
            }
        },
    },
    "Problem": {
        "type": "object",
        "required": ["type", "title", "status", "code"],
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "code": _CODE,
            "detail": _TEXT,
            "instance": _TEXT,
        },
    },
    "ApiErrors": {
        "type": "object",
        "required": ["data"],
        "properties": {
            "data": {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "required": ["id", "type", "attributes"],
                    "properties": {
                        "id": _TEXT,
                        "type": {"const": "api_error"},
                        "attributes": {
                            "type": "object",
                            "required": ["code", "doc_url", "details"],
                            "properties": {
                                "code": _TEXT,
                                "doc_url": _TEXT,
                                "details": {"type": "object"},
                                "transient": {"type": "boolean"},
                            },
                        },
                    },
                },
            }
        },
    },
    "OAuthError": {
        "type": "object",
        "required": ["error"],
        "properties": {"error": _TEXT, "error_description": _TEXT, "code": _TEXT},
    },
}
