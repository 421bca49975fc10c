"""`counterfoil token inspect`, `verify` and `can`: what a token is, and what it can do now."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
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
from counterfoil.cli.talking.things import resource
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
_CAN: Final = "id name can scope node surfaces"
_ITSELF: Final = "/cma/token/can"


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
    which commands speak, are asked themselves. Of any other it is told to whoever may see it: its
    owner, and who holds tokens:approve, or for API tokens tokens:manage. Its secret is not needed.
    Either way it is judged as each of its requests is.
    """
    with client_of(options, token if token == _STDIN else None) as client:
        who = client.whoami()
        own = {_STDIN, who.id, spelled(Prefix.TOKEN, who.id), who.name}
        if token == _STDIN or (token in own and who.kind != "session"):
            asked = _Asked(client, _ITSELF, who.id, who.name, f"It holds: {_held(who.scopes)}")
        else:
            asked = _found(client, who, token)
        return asked.can(scope, node)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A token that is asked about, at which address; and why it can not, if it can not."""

    client: Client
    path: str
    id: str
    name: str
    why: str

    def can(self, scope: str, node: str | None) -> int:
        """Say whether it can do that, there or anywhere; return the exit code for that."""
        where, said = None, self._ask(scope, None)
        if said["can"] and node is not None:
            where = at_path(self.client, node)
            said = self._ask(scope, where)
        put_one(
            {
                "id": spelled(Prefix.TOKEN, self.id),
                "name": self.name,
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
        note(f"✗ {self.name} cannot do that {place}. {self.why}")
        return Exit.FORBIDDEN

    def _ask(self, scope: str, where: str | None) -> dict[str, Any]:
        query = {"filter[scope]": scope, **({"filter[node]": where} if where else {})}
        answer = self.client.wire.ask("GET", self.path, query=query)
        return dict(resource(answer)["attributes"])


def _held(scopes: Iterable[str] | None) -> str:
    return words(None if scopes is None else list(scopes))


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


def _found(client: Client, who: Whoami, named: str) -> _Asked:
    """Return the API token or personal token of this id or name.

    Raises:
        Stop: exit 6 if there is none that the caller may see.
    """
    from counterfoil.client import Denied, NotFound

    looks = (
        (TOKENS, "tokens:manage" in who.scopes),
        (PERSONAL, "tokens:approve" in who.scopes or who.kind == "session"),
    )
    for things, may in looks:
        if not may:
            continue
        try:
            found, _ = things.get(client, named)
        except (Denied, NotFound, Stop):
            continue
        facts = found["attributes"]
        live = facts.get("state") in {None, "active"}
        why = f"It holds: {_held(facts.get('scopes'))}" if live else f"It is {facts['state']}."
        return _Asked(client, things.at(found["id"], "can"), found["id"], facts["name"], why)
    raise Stop(
        Exit.NOT_FOUND,
        f"There is no token {named!r}, or none that you may see",
        "For API tokens it takes the scope tokens:manage; for other people's, tokens:approve.",
    )
