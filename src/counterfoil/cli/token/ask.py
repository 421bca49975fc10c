"""`counterfoil token inspect`, `verify` and `can`: what a token is, and what it can do now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import click

from counterfoil.cli.content.things import at_path
from counterfoil.cli.exits import Exit, Stop
from counterfoil.cli.output import note, put_one, spelled, words
from counterfoil.cli.output.choice import output_options
from counterfoil.cli.pat.things import PERSONAL
from counterfoil.cli.talking import Options, open_client, taken, talks, warn_of_argv
from counterfoil.cli.talking.credential import bearer
from counterfoil.cli.talking.reaching import client_by
from counterfoil.cli.talking.things import each, resource
from counterfoil.cli.token.things import TOKENS
from counterfoil.kernel.ids import Prefix
from counterfoil.secret import BODY_CHARS, CHECK_CHARS, Kind, hint, is_intact

if TYPE_CHECKING:
    from counterfoil.client import Client
    from counterfoil.client.model import Whoami

_STDIN: Final = "-"
_FORM: Final = re.compile(rf"([a-z]{{2,8}})([{''.join(Kind)}])_([0-9A-Za-z]*)")
_KINDS: Final = {
    Kind.PERSONAL: "a personal access token",
    Kind.SERVICE: "an API token",
    Kind.EXCHANGED: "a token of an hour at most, got with a pair or a personal token",
    Kind.SESSION: "a token of some minutes, of a person who signed in",
    Kind.REFRESH: "what renews a session; no token",
    Kind.CLIENT: "the secret of a key-and-secret pair; no token",
    Kind.INVITATION: "the code of an invitation; no token",
    Kind.GATE: "the credential of a gate on another host; no token",
}
_FACTS: Final = "id name kind state token_hint expires_at scopes roots surfaces"
_CAN: Final = "id name can scope node surfaces roles"


@click.command()
@click.argument("token", metavar="TOKEN|-")
@output_options
def inspect(token: str) -> int:
    """Say what a string is by its form alone; it goes nowhere. `-` reads it.

    Exit code 1 if it is no whole token. Whether it is in force, `counterfoil token verify` says.
    """
    warn_of_argv(token)
    text = taken(token)
    found = _FORM.fullmatch(text)
    if found is None:
        raise Stop(
            Exit.FAILED,
            "This is no token of Counterfoil's",
            "Ours begin with letters, one for the kind, and `_`: cfp_…",
        )
    prefix, kind, rest = found.groups()
    whole = len(rest) == BODY_CHARS + CHECK_CHARS
    intact = whole and is_intact(text)
    put_one(
        {
            "token": hint(text) if whole else f"{prefix}{kind}_…",
            "kind": Kind(kind).name.lower(),
            "meaning": _KINDS[Kind(kind)],
            "prefix": prefix,
            "checksum": "holds" if intact else "does not hold" if whole else "is not there",
        },
        "token kind meaning prefix checksum",
    )
    if not whole:
        note(f"✗ it has {len(rest)} characters after `_`, not {BODY_CHARS + CHECK_CHARS}: cut off?")
    elif not intact:
        note("✗ a character of it is wrong: mistyped, or no token at all")
    return Exit.OK if intact else Exit.FAILED


@click.command()
@click.argument("token", metavar="[TOKEN|-]", required=False)
@talks
def verify(options: Options, token: str | None) -> None:
    """Ask the server whether a token is in force, and what it may do. `-` reads it.

    Without TOKEN, the credential that commands use. Exit code 4 if it opens nothing, 8 if it waits
    for approval. The token goes to the server that --url, the environment or the profile names.
    """
    with client_of(options, token) as client:
        put_one(_standing(client.whoami()), _FACTS)


@click.command()
@click.argument("token", metavar="TOKEN|-")
@click.argument("scope")
@click.argument("node", required=False)
@talks
def can(options: Options, *, token: str, scope: str, node: str | None) -> int:
    """Ask whether a token can do what SCOPE allows, on NODE or anywhere. Exit code 5 if not.

    TOKEN is `-` for one on standard input, an id (`tok_…`) or a name. That one, and the token by
    which commands speak, are asked themselves. Of any other a person is told who signed in and may
    see all that can. Either way it is judged as each of its requests is.
    """
    with client_of(options, token if token == _STDIN else None) as client:
        who = client.whoami()
        own = {_STDIN, who.id, spelled(Prefix.TOKEN, who.id), who.name}
        if token == _STDIN or (token in own and who.kind != "session"):
            return _can_itself(client, who, scope, node)
        named = _found(client, who, token)
        where = None if node is None else at_path(client, node)
        asked = {"scope": scope, **({"node": where} if where else {})}
        able = each(client, "/cma/who_can", asked)
        one = next((one for one in able if one["id"] == named["id"]), None)
    facts = one["attributes"] if one else {}
    put_one(
        {
            "id": spelled(Prefix.TOKEN, named["id"]),
            "name": named["attributes"]["name"],
            "can": one is not None,
            "scope": scope,
            "node": spelled(Prefix.NODE, where),
            "surfaces": facts.get("surfaces") or "",
            "roles": facts.get("roles") or "",
        },
        _CAN,
    )
    if one is None:
        state = named["attributes"]["state"]
        why = f": it is {state}" if state != "active" else ""
        note(f"✗ {named['attributes']['name']} cannot do that there{why}")
        return Exit.FORBIDDEN
    return Exit.OK


def _can_itself(client: Client, who: Whoami, scope: str, node: str | None) -> int:
    """Ask a token itself whether it can do something, there or anywhere."""
    where, said = None, _asked_itself(client, scope, None)
    if said["can"] and node is not None:
        where = at_path(client, node)
        said = _asked_itself(client, scope, where)
    put_one(
        {
            "id": spelled(Prefix.TOKEN, who.id),
            "name": who.name,
            "can": said["can"],
            "scope": scope,
            "node": spelled(Prefix.NODE, where),
            "surfaces": said["surfaces"],
        },
        _CAN,
    )
    if said["can"]:
        return Exit.OK
    place = "anywhere" if where is None else "there"
    held = words(list(who.scopes)) or "nothing"
    note(f"✗ {who.name} cannot do that {place}. It holds: {held}")
    return Exit.FORBIDDEN


def _asked_itself(client: Client, scope: str, where: str | None) -> dict[str, Any]:
    query = {"filter[scope]": scope, **({"filter[node]": where} if where else {})}
    answer = client.wire.ask("GET", "/cma/token/can", query=query)
    return dict(resource(answer)["attributes"])


def client_of(options: Options, token: str | None) -> Client:
    """Return a client by the token that is given, or by the credential that commands use."""
    if token is None:
        return open_client(options)
    warn_of_argv(token)
    return client_by(options, bearer(taken(token)))


def _standing(who: Whoami) -> dict[str, Any]:
    return {
        "id": spelled(Prefix.TOKEN, who.id),
        "name": who.name,
        "kind": who.kind,
        "state": who.source["attributes"].get("state"),
        "token_hint": who.hint,
        "expires_at": who.expires_at,
        "scopes": list(who.scopes),
        "roots": None if who.roots is None else list(who.roots),
        "surfaces": list(who.surfaces),
    }


def _found(client: Client, who: Whoami, named: str) -> dict[str, Any]:
    """Return the API token or personal token of this id or name.

    Raises:
        Stop: exit 5 if the caller could not be told of it below.
    """
    from counterfoil.client import Denied, NotFound

    for things, needed in ((TOKENS, "tokens:manage"), (PERSONAL, "tokens:approve")):
        if needed not in who.scopes:
            continue
        try:
            return dict(things.get(client, named)[0])
        except (Denied, NotFound, Stop):
            continue
    raise Stop(
        Exit.NOT_FOUND,
        f"There is no token {named!r}, or none of a kind that you may see all of",
        "For API tokens it takes the scope tokens:manage, for people's tokens:approve.",
    )
