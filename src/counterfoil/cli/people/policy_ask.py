"""`counterfoil policy preview`, `test` and `export`: what a policy would do, does, and is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click

from counterfoil.cli.exits import Exit
from counterfoil.cli.output import note, put_list, put_one
from counterfoil.cli.output.choice import chosen
from counterfoil.cli.people.policy import changed_by, policy_at
from counterfoil.cli.talking import Options, gathered, open_client, talks
from counterfoil.cli.talking.things import body, resource, seen
from counterfoil.cli.talking.wanted import SURFACES, Reach

if TYPE_CHECKING:
    from counterfoil.cli.output.record import Resource

_OUTGROWN: Final = "id name kind owner expires_at ends_at last_used_at"
_OF_THE_MOMENT: Final = frozenset({"preset", "version", "lifetime_ceiling", "enforce_at"})
"""What a policy began as, how often it changed, and what is under way: nothing to declare."""
_COUNTS: Final = (
    ("tokens_outside", "live tokens would not be allowed by it"),
    ("used_lately", "of them were used within a day"),
    ("ending", "of them end as soon as it is enforced"),
    ("tokens_barred", "tokens are refused at once, for their owners' roles"),
    ("tokens_elsewhere", "tokens were last used from elsewhere, where they are refused"),
    ("tokens_idle", "tokens are switched off, for nobody has used them that long"),
    ("people_over_quota", "people hold more tokens than they could make"),
    ("people_newly_asking", "people would have to ask for every token who need not now"),
    ("people_newly_free", "people would need to ask no more"),
    ("tokens_newly_asking", "personal tokens go on whose like would have to be approved"),
    ("tokens_newly_free", "personal tokens are there whose like would need no approval any more"),
)


@click.command()
@click.argument("changes", nargs=-1, required=True, metavar="NAME=VALUE…")
@talks
def preview(options: Options, *, changes: tuple[str, ...]) -> None:
    """Say what changes of the policy would do: whose tokens would not be allowed any more.

    The same NAME=VALUE as of `counterfoil policy set`; nothing is changed.
    """
    with open_client(options) as client:
        attributes = changed_by(client, changes)
        at = policy_at(client)
        before, match = seen(client.wire.ask("GET", at))
        asked = body("token_policy", attributes, None, before["id"])
        found = resource(client.wire.ask("POST", f"{at}/preview", body=asked, headers=match))
    if chosen().is_data:
        put_one(found, "id")
        return
    facts = found["attributes"]
    rows: list[Resource] = [{**one, "id": f"tok_{one['id']}"} for one in facts["tokens"]]
    put_list(rows, _OUTGROWN, short="id name owner ends_at last_used_at")
    for name, told in _COUNTS:
        if facts[name]:
            note(f"! {facts[name]} {told}")
    if not any(facts[name] for name, _ in _COUNTS):
        note("✓ every token and everybody may go on as they are")


@click.command()
@click.option("--scope", "scopes", multiple=True, help="What it may do; may be repeated.")
@click.option("--inherit", is_flag=True, help="All that you may do, as long as you may.")
@click.option("--root", "roots", multiple=True, help="A node by id or /path; may be repeated.")
@click.option(
    "--surface", "surfaces", multiple=True, type=SURFACES,
    help="A face of the content where it works; may be repeated.",
)  # fmt: skip
@click.option("--expires", help="`30d`, `12w`, a date, an instant, or `never`.")
@talks
@gathered(Reach)
def test(options: Options, reach: Reach) -> int:
    """Try a personal token on the policy as it is: would it be made, wait, or be refused?

    Nothing is made. Exit code 8 if somebody would have to approve it, and that of the refusal if it
    would be refused.
    """
    with open_client(options) as client:
        attributes = {"name": "policy-test", **reach.said(), **reach.placed(client)}
        asked = body("personal_access_token", attributes)
        found = resource(client.wire.ask("POST", "/cma/personal_access_tokens/preview", body=asked))
    facts = found["attributes"]
    if chosen().form is not None:
        put_one(found, "id")
    waits = facts["state"] == "pending"
    until = facts["expires_at"] or "never"
    note(f"{'… it would wait for approval' if waits else '✓ it would be made'}; it ends: {until}")
    return Exit.UNAPPROVED if waits else Exit.OK


@click.command()
@talks
def export(options: Options) -> None:
    """Print the policy as `counterfoil.yaml` has it, for `counterfoil apply`."""
    from counterfoil.cli.output import forms
    from counterfoil.cli.output.choice import Form

    with open_client(options) as client:
        found, _match = seen(client.wire.ask("GET", policy_at(client)))
    choice = chosen()
    form = choice.form if choice.is_data else Form.YAML
    kept = {name: one for name, one in found["attributes"].items() if name not in _OF_THE_MOMENT}
    forms.data(form, {"policy": kept}, choice.jq)
