"""Personal tokens by GraphQL, as Amplience's API manages them: created, listed and deleted.

The vendor has published the mutation that creates; what lists and deletes is ours
(CONTRACT: dialects). A token makes none: only a person who signed in does (G3).
"""

from __future__ import annotations

from functools import partial
from typing import Any, Final, TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLString,
)

from counterfoil.content.graphql.doors import ANY_JSON, Answered, carry_out
from counterfoil.content.graphql.engine import Asking
from counterfoil.content.graphql.fields import DATE_TIME, ITEM_ID
from counterfoil.dialects.amplience.voice import AMPLIENCE
from counterfoil.jsonapi.route import Route
from counterfoil.kernel import ids
from counterfoil.kernel.clock import spell_whole
from counterfoil.kernel.errors import NotFound
from counterfoil.kernel.ids import Prefix, TokenId
from counterfoil.kernel.page import LARGEST, Wanted
from counterfoil.operation import Work
from counterfoil.secret import Secret
from counterfoil.tokens import Token, Wish
from counterfoil.tokens.doors.wire_token import state_at
from counterfoil.tokens.request import request_token
from counterfoil.tokens.revoke import revoke
from counterfoil.tokens.show import list_tokens
from counterfoil.tokens.steps.last_use import last_uses
from counterfoil.tokens.usage_model import LastUse

Info: TypeAlias = GraphQLResolveInfo[Work]


def _show(
    work: Work, token: Token, secret: Secret | None = None, used: LastUse | None = None
) -> dict[str, Any]:
    return {
        "id": str(token.id),
        "name": token.name,
        "token": None if secret is None else secret.reveal(),
        "createdDate": spell_whole(token.created_at),
        "expiryDate": None if token.expires_at is None else spell_whole(token.expires_at),
        "lastUsedDate": None if used is None else spell_whole(used.at),
        "state": state_at(token, work.caller.organization, work.now),
    }


def _mine(_root: object, info: Info) -> list[dict[str, Any]]:
    work = info.context
    found = list_tokens(work, Wanted(LARGEST), work.caller.user)
    used = last_uses(work, [one.token.id for one in found.items])
    return [_show(work, one.token, used=used.get(one.token.id)) for one in found.items]


def _create(_root: object, info: Info, input: dict[str, str]) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    work = info.context
    where = input.get("organizationId")
    if where is not None and ids.read(Prefix.ORGANIZATION, where) != work.caller.organization:
        raise NotFound
    made = request_token(work, Wish(input["name"]))
    return _show(work, made.token, made.secret)


def _delete(_root: object, info: Info, id: str) -> dict[str, Any]:  # noqa: A002 - GraphQL's name
    work = info.context
    token = revoke(work, TokenId(ids.read(Prefix.TOKEN, id)))
    return _show(work, token, used=last_uses(work, [token.id]).get(token.id))


_TEXT: Final = GraphQLNonNull(GraphQLString)
TOKEN: Final = GraphQLObjectType(
    "PersonalAccessToken",
    {
        "id": GraphQLField(GraphQLNonNull(ITEM_ID)),
        "name": GraphQLField(_TEXT),
        "token": GraphQLField(GraphQLString, description="The secret, once: when it is made."),
        "createdDate": GraphQLField(GraphQLNonNull(DATE_TIME)),
        "expiryDate": GraphQLField(DATE_TIME),
        "lastUsedDate": GraphQLField(DATE_TIME),
        "state": GraphQLField(_TEXT),
    },
)
_INPUT: Final = GraphQLInputObjectType(
    "CreatePersonalAccessTokenInput",
    {"name": GraphQLInputField(_TEXT), "organizationId": GraphQLInputField(ITEM_ID)},
)
SCHEMA: Final = GraphQLSchema(
    GraphQLObjectType(
        "Query",
        {
            "personalAccessTokens": GraphQLField(
                GraphQLNonNull(GraphQLList(GraphQLNonNull(TOKEN))), {}, _mine
            )
        },
    ),
    GraphQLObjectType(
        "Mutation",
        {
            "createPersonalAccessToken": GraphQLField(
                TOKEN, {"input": GraphQLArgument(GraphQLNonNull(_INPUT))}, _create
            ),
            "deletePersonalAccessToken": GraphQLField(
                TOKEN, {"id": GraphQLArgument(GraphQLNonNull(ITEM_ID))}, _delete
            ),
        },
    ),
)

ROUTES: Final = (
    Route(
        "POST",
        "/amplience/graphql",
        partial(carry_out, SCHEMA, secret=True),
        "token.list",
        "Create, list and delete one's personal tokens",
        takes=Asking,
        reads=ANY_JSON,
        example={"query": "{ personalAccessTokens { id name state } }"},
        gives={200: Answered},
        dialect=AMPLIENCE,
        section="Amplience tokens",
        idempotent=True,
        also=("token.request", "token.revoke"),
        instead=("token.show_self",),  # whoever holds a token is refused by what the document asks
    ),
)
