"""The one page that shows a secret, in the answer to the form that made it (S47).

It says how to use it at once. Whoever leaves it does not come back to it: the answer is stored by
nobody, and a script takes the secret out of what a browser may keep in its memory.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from counterfoil.access.surface import Surface, Surfaces
from counterfoil.jsonapi.route import Answer
from counterfoil.signin.doors.address import base
from counterfoil.tokens.model import State
from counterfoil.tokens.steps.issue import Requested
from counterfoil.tokens.steps.record import Issued
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.token_view import BADGES, Badge, standing


@dataclass(frozen=True, slots=True)
class Use:
    """One way to use a secret. `runs` says whether the page can try it out itself."""

    key: str
    label: str
    text: str
    examples: tuple[str, ...]
    runs: bool = False


_LEAD: Final = N_("Copy it now: it is shown this once.")
DRAFTS: Final = N_(
    "The user behind this token may write, and the preview API is on: it shows what is not "
    "published yet. Choose a user who only reads, or switch preview off."
)
NOBODY: Final = Badge(N_("No user: 401"), "alert", "warning")
_ENV: Final = N_(
    "For programs and agents that read it from their environment. Git shall never see it."
)
_IGNORED: Final = "echo .env >> .gitignore\ncounterfoil scan . --exclude .env"
"""What keeps the file out of git, and says where else the secret stands (G12a, G12c)."""


def reveal_token(visit: Visit, made: Requested) -> Answer:
    """Show the secret of a new personal token."""
    token, words = made.token, made.secret.reveal()
    title = N_("Token created") if made.request is None else N_("Token requested")
    return visit.show(
        "secret",
        title=visit.say(title),
        secret=True,
        lead=visit.say(_LEAD),
        name=token.name,
        words=words,
        key="",
        after=f"/tokens/{token.id}",
        uses=_uses_of_token(base(visit.asked), words),
        badge=BADGES[standing(token, token.organization, visit.now)],
        pending=made.request is not None,
        approvers=made.approvers,
        request="" if made.request is None else str(made.request.id),
    )


def reveal_pair(visit: Visit, made: Issued) -> Answer:
    """Show the secret of a new key-and-secret pair."""
    pair, words = made.token, made.secret.reveal()
    return visit.show(
        "secret",
        title=visit.say(N_("Pair created")),
        secret=True,
        lead=visit.say(_LEAD),
        name=pair.name,
        words=words,
        key=str(pair.id),
        after="/key-pairs",
        uses=_uses_of_pair(base(visit.asked), str(pair.id), words),
        badge=BADGES[standing(pair, pair.organization, visit.now)],
        pending=False,
        approvers=0,
        request="",
    )


def reveal_api_token(visit: Visit, made: Issued, drafts: bool) -> Answer:  # noqa: FBT001 - one fact
    """Show the secret of an API token, and what stands between it and its first answer."""
    token, words = made.token, made.secret.reveal()
    grant = token.grants[0]
    notes: list[str] = []
    if grant.state is State.DISABLED:
        notes.append(visit.say(N_("It is not enabled: it answers 401 until somebody enables it.")))
    if token.authority == "none":
        notes.append(visit.say(N_("No user is chosen: it answers 401 until one is.")))
    if drafts:
        notes.append(visit.say(DRAFTS))
    return visit.show(
        "secret",
        title=visit.say(N_("API token created") if token.version == 1 else N_("Another secret")),
        secret=True,
        lead=visit.say(_LEAD),
        name=token.name,
        words=words,
        key="",
        after=f"/content-api-manager/{token.id}",
        uses=_uses_of_api_token(base(visit.asked), words, grant.bounds.surfaces),
        badge=NOBODY
        if token.authority == "none"
        else BADGES[standing(token, grant.organization, visit.now)],
        pending=False,
        approvers=0,
        request="",
        notes=notes,
    )


def _uses_of_api_token(url: str, words: str, let_in: Surfaces) -> tuple[Use, ...]:
    variables = f"COUNTERFOIL_URL={url}\nCOUNTERFOIL_TOKEN={words}"
    asked = "/cda/items" if let_in & Surface.DELIVERY.bit else "/cda/preview/items"
    if not let_in & (Surface.DELIVERY.bit | Surface.PREVIEW.bit):
        asked = "/cma/nodes"
    said = "{ headers: { Authorization: `Bearer ${process.env.COUNTERFOIL_TOKEN}` } }"
    return (
        Use("curl", "curl", "", (f'curl -H "Authorization: Bearer {words}" {url}{asked}',)),
        Use("env", ".env", _ENV, (variables, _IGNORED)),
        Use(
            "js",
            "JavaScript",
            N_("On a server: no page that others load may hold the secret."),
            (f"const answer = await fetch(`${{process.env.COUNTERFOIL_URL}}{asked}`, {said});",),
        ),
    )


def _uses_of_token(url: str, words: str) -> tuple[Use, ...]:
    variables = f"COUNTERFOIL_URL={url}\nCOUNTERFOIL_TOKEN={words}"
    lent = {"COUNTERFOIL_URL": url, "COUNTERFOIL_TOKEN": words}
    tools = {"counterfoil": {"command": "counterfoil", "args": ["mcp"], "env": lent}}
    return (
        Use(
            "curl",
            "curl",
            "",
            (f'curl -H "Authorization: Bearer {words}" \\\n  {url}/cma/token',),
            runs=True,
        ),
        Use("env", ".env", _ENV, (variables, _IGNORED)),
        Use(
            "cli",
            "CLI",
            N_(
                "It is tried first, and kept for later commands; or for Amplience's and DatoCMS's "
                "clients."
            ),
            (
                f"counterfoil auth login --url {url} --token {words}",
                f"dc-cli configure --patToken {words} --hubId HUB",
                f'buildClient({{ apiToken: "{words}", baseUrl: "{url}/datocms" }});',
            ),
        ),
        Use(
            "agent",
            N_("Agent"),
            N_(
                "In the settings of an agent that speaks MCP: it gets the tools that this token "
                "may use, and acts in your name."
            ),
            (json.dumps({"mcpServers": tools}, indent=2),),
        ),
        Use(
            "actions",
            "GitHub Actions",
            N_("Paste the secret when it is asked for, then name it in the workflow."),
            (
                "gh secret set COUNTERFOIL_TOKEN",
                (
                    f"env:\n  COUNTERFOIL_URL: {url}\n"
                    "  COUNTERFOIL_TOKEN: ${{ secrets.COUNTERFOIL_TOKEN }}"
                ),
            ),
        ),
    )


def _uses_of_pair(url: str, key: str, words: str) -> tuple[Use, ...]:
    asked = f"grant_type=client_credentials&client_id={key}&client_secret={words}"
    return (
        Use(
            "curl",
            "curl",
            N_("The answer holds a token that lives ten minutes."),
            (f"curl -d '{asked}' {url}/oauth/token",),
        ),
        Use(
            "env",
            ".env",
            _ENV,
            (
                (
                    f"COUNTERFOIL_URL={url}\nCOUNTERFOIL_CLIENT_ID={key}\n"
                    f"COUNTERFOIL_CLIENT_SECRET={words}"
                ),
                _IGNORED,
            ),
        ),
        Use(
            "cli",
            "CLI",
            "",
            (f"counterfoil configure --url {url} --client-id {key} --client-secret {words}",),
        ),
    )
