"""The command tree as data: every command by name, where it stands, and what it does in a line.

A command is imported when it is called, and no sooner.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias


@dataclass(frozen=True, slots=True)
class Verb:
    """A command: `module:name` below `counterfoil.`, and what it does."""

    at: str
    told: str


@dataclass(frozen=True, slots=True)
class Noun:
    """Commands about one thing."""

    told: str
    verbs: Mapping[str, Tree]
    also: str = ""
    """Another word for it, which stands in no list of its own."""
    usual: str = ""
    """Which of its commands is meant where a word names none of them."""


Tree: TypeAlias = Verb | Noun

TREE: Final[Mapping[str, Tree]] = {
    "serve": Verb("cli.machine.serve:serve", "Run the server."),
    "gate": Verb("cli.machine.gate:gate", "Answer the proxies in front of your APIs."),
    "init": Verb("cli.machine.init:init", "Begin: an organization and its admin."),
    "demo": Verb("demo.command:demo", "Show the whole point on sample data."),
    "configure": Verb("cli.configure:configure", "Store server and credential in a file."),
    "auth": Noun(
        "Sign in, see who you are, sign out.",
        {
            "login": Verb("cli.auth.login:login", "Sign in, or keep a token."),
            "status": Verb("cli.auth.status:status", "Who you are, and what you may do."),
            "token": Verb("cli.auth.token:token", "Print the credential for another program."),
            "header": Verb("cli.auth.header:header", "Print it as a header, for `curl -H @…`."),
            "switch": Verb("cli.auth.switch:switch", "Use another profile."),
            "logout": Verb("cli.auth.logout:logout", "Forget the stored credential."),
        },
    ),
    "pat": Noun(
        "Your personal access tokens.",
        {
            "list": Verb("cli.pat.look:list_", "List your tokens."),
            "create": Verb("cli.pat.make:create", "Request a token."),
            "show": Verb("cli.pat.look:show", "Show one token."),
            "edit": Verb("cli.pat.change:edit", "Change what it is called or may do."),
            "rotate": Verb("cli.pat.make:rotate", "Make a successor of a token."),
            "enable": Verb("cli.pat.change:enable", "Switch tokens on again."),
            "disable": Verb("cli.pat.change:disable", "Switch tokens off."),
            "delete": Verb("cli.pat.change:delete", "Revoke tokens, for good."),
            "wait": Verb("cli.pat.make:wait", "Wait until a request is decided."),
            "usage": Verb("cli.pat.look:usage", "Count how a token was used."),
            "templates": Verb("cli.pat.templates:templates", "What a token can begin from."),
            "link": Verb("cli.pat.templates:link", "Print the address of a filled-in form."),
        },
    ),
    "request": Noun(
        "Requests for tokens: list, approve, deny.",
        {
            "list": Verb("cli.request:list_", "List what waits for a decision."),
            "approve": Verb("cli.request:approve", "Approve a request, or less than it asks."),
            "deny": Verb("cli.request:deny", "Deny a request, and say why."),
        },
    ),
    "token": Noun(
        "API tokens, which programs have.",
        {
            "list": Verb("cli.token.look:list_", "List the API tokens."),
            "create": Verb("cli.token.make:create", "Make an API token."),
            "show": Verb("cli.token.look:show", "Show one API token."),
            "edit": Verb("cli.token.change:edit", "Change what it is called or may do."),
            "enable": Verb("cli.token.change:enable", "Switch API tokens on again."),
            "disable": Verb("cli.token.change:disable", "Switch API tokens off."),
            "regenerate": Verb("cli.token.make:regenerate", "Give one another secret."),
            "delete": Verb("cli.token.change:delete", "Revoke API tokens, for good."),
            "inspect": Verb("cli.token.ask:inspect", "Say what a string is, offline."),
            "verify": Verb("cli.token.ask:verify", "Ask whether a token is in force."),
            "can": Verb("cli.token.ask:can", "Ask whether a token can do something."),
            "attenuate": Verb("cli.token.attenuate:attenuate", "Get a narrower one for an hour."),
            "import": Verb("cli.machine.import_tokens:import_", "Take over tokens by hash."),
        },
    ),
    "key-pair": Noun(
        "Key-and-secret pairs, for programs that speak OAuth.",
        {
            "list": Verb("cli.key_pair.look:list_", "List the pairs."),
            "create": Verb("cli.key_pair.make:create", "Make a pair."),
            "show": Verb("cli.key_pair.look:show", "Show one pair."),
            "edit": Verb("cli.key_pair.change:edit", "Change its name, or end it sooner."),
            "enable": Verb("cli.key_pair.change:enable", "Switch pairs on again."),
            "disable": Verb("cli.key_pair.change:disable", "Switch pairs off."),
            "delete": Verb("cli.key_pair.change:delete", "Revoke pairs, for good."),
        },
    ),
    "webhook": Noun(
        "Other servers that are told what becomes true.",
        {
            "list": Verb("cli.webhook.look:list_", "List the webhooks."),
            "create": Verb("cli.webhook.make:create", "Register a webhook."),
            "show": Verb("cli.webhook.look:show", "Show one webhook."),
            "edit": Verb("cli.webhook.change:edit", "Change where it goes, and what of."),
            "enable": Verb("cli.webhook.change:enable", "Switch webhooks on again."),
            "disable": Verb("cli.webhook.change:disable", "Switch webhooks off."),
            "rotate": Verb("cli.webhook.make:rotate", "Give one another secret."),
            "messages": Verb("cli.webhook.look:messages", "List what one was told."),
            "resend": Verb("cli.webhook.change:resend", "Send a message again."),
            "listen": Verb("cli.webhook.listen:listen", "Receive messages on this machine."),
            "delete": Verb("cli.webhook.change:delete", "Delete webhooks."),
        },
    ),
    "usage": Verb("cli.usage:usage", "Count how a token or a pair was used."),
    "policy": Noun(
        "What tokens may be at all.",
        {
            "show": Verb("cli.people.policy:show", "Show the policy."),
            "set": Verb("cli.people.policy:set_", "Change members of the policy."),
            "preview": Verb("cli.people.policy_ask:preview", "Say what a change would do."),
            "test": Verb("cli.people.policy_ask:test", "Try a token on the policy."),
            "export": Verb("cli.people.policy_ask:export", "Print it for counterfoil.yaml."),
        },
    ),
    "role": Noun(
        "What people may do, by the roles that they hold.",
        {
            "list": Verb("cli.people.roles:list_", "List the roles."),
            "show": Verb("cli.people.roles:show", "Show one role."),
            "create": Verb("cli.people.roles:create", "Make a role."),
            "edit": Verb("cli.people.roles:edit", "Change a role."),
            "delete": Verb("cli.people.roles:delete", "Delete a role that nobody holds."),
        },
    ),
    "user": Noun(
        "People: let them in, and shut them out.",
        {
            "list": Verb("cli.people.users:list_", "List the members."),
            "show": Verb("cli.people.users:show", "Show a member."),
            "add": Verb("cli.people.users:add", "Let somebody in."),
            "roles": Verb("cli.people.users:roles_", "Change the roles of a member."),
            "invite": Verb("cli.people.admit:invite", "Give somebody a one-time code."),
            "deactivate": Verb("cli.people.admit:deactivate", "Shut somebody out."),
            "reactivate": Verb("cli.people.admit:reactivate", "Let somebody in again."),
        },
    ),
    "organization": Noun(
        "Organizations.",
        {
            "list": Verb("cli.people.users:organizations", "List where you may act."),
            "create": Verb("cli.machine.organization:create", "Make one more, at the machine."),
            "revoke-tokens": Verb(
                "cli.people.revocation:revoke_tokens", "End every token at once."
            ),
            "restore-role": Verb(
                "cli.machine.organization:restore_role", "Make a role a built-in one again."
            ),
            "lift-provider-only": Verb(
                "cli.machine.organization:lift_provider_only", "Ask for no provider any more."
            ),
        },
        also="org",
    ),
    "content-type-schema": Noun(
        "The JSON Schemas of content types.",
        {
            "export": Verb("cli.content.schemas:export", "Write the schemas to files."),
            "list": Verb("cli.content.schemas:list_", "List the content types."),
            "get": Verb("cli.content.schemas:get", "Print one schema."),
            "import": Verb("cli.content.schemas:import_", "Make or change types by files."),
        },
        also="content-type",
    ),
    "content-item": Noun(
        "Entries, one by one.",
        {
            "list": Verb("cli.content.items:list_", "List entries."),
            "get": Verb("cli.content.items:get", "Print an entry."),
            "create": Verb("cli.content.items:create", "Make an entry."),
            "edit": Verb("cli.content.items:edit", "Change properties of an entry."),
            "publish": Verb("cli.content.items:publish", "Publish entries."),
            "unpublish": Verb("cli.content.items:unpublish", "Take entries out of delivery."),
            "delete": Verb("cli.content.items:delete", "Put entries into the trash."),
        },
    ),
    "tree": Noun(
        "The content tree.",
        {
            "ls": Verb("cli.content.tree:ls", "List what stands under a node."),
            "cat": Verb("cli.content.tree:cat", "Print what stands at a node."),
            "mv": Verb("cli.content.tree:mv", "Move a node."),
        },
    ),
    "graphql": Verb("cli.content.graphql:graphql", "Ask a GraphQL query."),
    "audit": Noun(
        "The audit trail.",
        {
            "tail": Verb("cli.trail.tail:tail", "Show the newest entries."),
            "search": Verb("cli.trail.search:search", "Show the entries that answer a question."),
            "export": Verb("cli.trail.search:export", "Print all of them, as CSV or NDJSON."),
            "refusals": Verb("cli.trail.tail:refusals", "Count who was refused as nobody."),
            "checkpoint": Verb("cli.trail.prove:checkpoint", "What the trail is now, signed."),
            "receipt": Verb("cli.trail.prove:receipt", "The proof that an entry is in it."),
            "verify": Verb("cli.trail.verify:verify", "Say whether it is what it was."),
            "copy": Verb("cli.trail.verify:copy", "All of it in one file, to be verified."),
        },
    ),
    "leak": Noun(
        "Tokens that stand where they do not belong.",
        {
            "report": Verb("cli.leak:report", "Report a token that has leaked."),
            "scan": Verb("cli.scan:scan", "The same as `counterfoil scan`."),
        },
    ),
    "scan": Verb("cli.scan:scan", "Find tokens in files, git history or input."),
    "mcp": Verb("cli.mcp:mcp", "Tools for an agent, by what its token may do."),
    "api": Noun(
        "Any call of the API; and what a registered API has.",
        {
            "call": Verb("cli.api.call:call", "Any call; `call` itself may be left out."),
            "sync": Verb("cli.api.sync:sync", "Tell of an API's routes and tree, by files."),
            "snippet": Verb("cli.api.snippet:snippet", "Print what puts a gate in front of one."),
        },
        usual="call",
    ),
    "replica": Noun(
        "The gate's copy of what it must know.",
        {"rebuild": Verb("cli.machine.replica:rebuild", "Build it anew from the database.")},
    ),
    "gates": Noun(
        "Gates on other hosts, at the machine of the office; and what one recorded.",
        {
            "list": Verb("cli.machine.gates:list_", "List them."),
            "add": Verb("cli.machine.gates:add", "Let one follow, by a credential."),
            "remove": Verb("cli.machine.gates:remove", "Shut one out."),
            "propose": Verb("cli.machine.propose:propose", "Propose routes of what was recorded."),
        },
    ),
    "backup": Verb("cli.machine.backup:backup", "Write a backup of the installation."),
    "restore": Verb("cli.machine.backup:restore", "Put a backup back, in quarantine."),
    "quarantine": Noun(
        "What a restored installation is in, until its operator ends it.",
        {
            "show": Verb("cli.machine.quarantine:show", "Show whether there is one."),
            "begin": Verb("cli.machine.quarantine:begin", "Begin one, after a restore by hand."),
            "replay": Verb("cli.machine.quarantine:replay", "Tell it what was revoked since."),
            "end": Verb("cli.machine.quarantine:end", "Revoke what you choose, and open."),
        },
    ),
    "plan": Verb("cli.apply.command:plan", "Say what differs from counterfoil.yaml."),
    "apply": Verb("cli.apply.command:apply", "Make it as counterfoil.yaml says."),
    "doctor": Verb("cli.doctor.command:doctor", "Look for what is wrong, and what mends it."),
    "completion": Verb("cli.completion:completion", "Complete our commands in a shell."),
    "seal": Verb("cli.machine.seal:seal", "Seal roles, members and policies, after an upgrade."),
    "migrate": Verb("cli.machine.migrate:migrate", "Bring the database up to this version."),
    "version": Verb("cli.version:version", "Print which version this is."),
    "help": Verb("cli.help:help_", "What a command does; with --json, all of them."),
}


ELSEWHERE: Final[Mapping[str, tuple[str, ...]]] = {
    "revoke": ("delete", "remove", "pat delete", "token delete"),
    "remove": ("delete", "deactivate"),
    "rm": ("delete", "remove", "deactivate"),
    "add": ("create",),
    "new": ("create", "add", "pat create", "token create"),
    "make": ("create", "add"),
    "get": ("show",),
    "ls": ("list",),
    "update": ("edit", "set"),
    "change": ("edit", "set"),
    "suspend": ("disable",),
    "regenerate": ("rotate",),
    "rotate": ("regenerate",),
    "login": ("auth login",),
    "logout": ("auth logout",),
    "whoami": ("auth status",),
}
"""What other programs, or our own pages, call a command: what it is called here, where it is."""


def standing(tree: Mapping[str, Tree], word: str) -> str:
    """Return the name under which a word stands in a tree: its own, if it is no other's."""
    if word in tree:
        return word
    others = (name for name, one in tree.items() if isinstance(one, Noun) and one.also == word)
    return next(others, word)
