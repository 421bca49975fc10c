"""What an entry of the audit trail says, as a sentence: who, by which token, did what, and on what.

An operation is called by its noun and its verb, and so is its sentence: the tables below have both.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from counterfoil.audit.record import ALLOWED, DAMAGED
from counterfoil.web.language import N_

_LOOKED: Final = N_("%(who)s looked at %(what)s")
_MADE: Final = N_("%(who)s created %(what)s")
_CHANGED: Final = N_("%(who)s changed %(what)s")
_ENDED: Final = N_("%(who)s ended %(what)s")
_REVOKED: Final = N_("%(who)s revoked %(what)s")
_RESTORED: Final = N_("%(who)s restored %(what)s")
_REMOVED: Final = N_("%(who)s removed %(what)s")
_ENFORCED: Final = N_("%(who)s brought %(what)s under the policy")
_SHUT_OUT: Final = N_("%(who)s shut out %(what)s")
_LET_IN: Final = N_("%(who)s let %(what)s in again")
_CLIENT: Final = N_("%(who)s signed in with a program")
_INVITED: Final = N_("%(who)s invited %(what)s")
_SIGNED_IN: Final = N_("%(who)s signed in")
OTHER: Final = N_("%(who)s performed %(doing)s on %(what)s")
"""What is said of a verb that has no sentence of its own."""

CHANGED: Final = N_("What stood here was changed after it was written")

REFUSED: Final = N_("%(who)s was refused %(doing)s on %(what)s")

SENTENCES: Final = MappingProxyType(
    {
        "act": N_("%(who)s passed the gate to change %(what)s"),
        "add": N_("%(who)s added %(what)s"),
        "attenuate": N_("%(who)s exchanged %(what)s for a narrower one"),
        "authorize": N_("%(who)s let a program sign in for them"),
        "call": N_("%(who)s called %(what)s by an agent"),
        "begin": N_("%(who)s began %(what)s"),
        "change": _CHANGED,
        "choose": _CHANGED,
        "choose_language": N_("%(who)s chose another language"),
        "dismiss_flags": N_("%(who)s said that all is well with %(what)s"),
        "distrust": N_("%(what)s was closed: somebody had changed it in the database"),
        "oauth.distrust": N_("%(what)s was ended: a code or ticket of it was used twice"),
        "drop": N_("%(who)s took back %(what)s"),
        "end_all": _ENDED,
        "end_others": N_("%(who)s signed out everywhere else"),
        "exchange": N_("%(who)s got %(what)s for their key and secret"),
        "extend": N_("%(what)s came to speak in this organization"),
        "flag": N_("%(what)s was flagged: it was used unlike before"),
        "forget": _REMOVED,
        "forget_query": N_("%(who)s removed a saved filter of %(what)s"),
        "heed": N_("%(who)s changed which providers count here"),
        "hand_entry": N_("%(who)s made a link by which %(what)s comes in once"),
        "lapse": N_("%(what)s lapsed: nobody decided it in time"),
        "look": N_("%(who)s passed the gate to read %(what)s"),
        "lift_provider": N_("%(who)s took back that people have to come by a provider"),
        "link": N_("%(who)s linked %(what)s"),
        "read": N_("%(who)s read %(what)s"),
        "read_all": N_("%(who)s read %(what)s"),
        "recall": _REVOKED,
        "redeem": _CLIENT,
        "redeem_device": _CLIENT,
        "refresh": N_("%(who)s stayed signed in with a program"),
        "remove": _REMOVED,
        "remind": N_("%(who)s reminded those who decide %(what)s"),
        "resend": N_("%(who)s sent a message of %(what)s again"),
        "retell": N_("%(what)s was brought from a restored state to what it had become"),
        "retire_secret": N_("The old secret of %(what)s ended"),
        "rotate": N_("%(who)s replaced the secret of %(what)s"),
        "route": N_("%(who)s declared the routes of %(what)s"),
        "save_query": N_("%(who)s saved a filter of %(what)s"),
        "seed": _MADE,
        "set": N_("%(who)s set %(what)s"),
        "settle": N_("%(who)s carried out %(what)s"),
        "stop": N_("%(what)s was switched off: its owner may do nothing here any more"),
        "sync": N_("%(who)s told of the tree of %(what)s"),
        "lay_out": N_("%(who)s laid out %(what)s"),
        "take_away": N_("%(who)s took away %(what)s"),
        "take_over": N_("%(who)s took over %(what)s from another system"),
        "tell_of_end": N_("The owner was told that %(what)s ends soon"),
        "tell_of_guesses": N_("%(what)s was told that somebody guesses at their codes"),
        "tell_of_policy": N_("The owner was told what the policy does to %(what)s"),
        "tell_of_stop": N_("The owners were told which tokens the policy of %(what)s stops"),
        "wipe": N_("%(who)s wiped %(what)s out of the trash"),
        "invite_first": _INVITED,
        "login_by_passkey": _SIGNED_IN,
        "list": N_("%(who)s listed %(what)s"),
        "show": _LOOKED,
        "show_self": _LOOKED,
        "can_self": _LOOKED,
        "show_usage": N_("%(who)s looked at the usage of %(what)s"),
        "create": _MADE,
        "create_folder": _MADE,
        "create_link": _MADE,
        "upload": _MADE,
        "edit": _CHANGED,
        "replace": _CHANGED,
        "rename": N_("%(who)s renamed %(what)s"),
        "move": N_("%(who)s moved %(what)s"),
        "publish": N_("%(who)s published %(what)s"),
        "unpublish": N_("%(who)s took %(what)s off delivery"),
        "trash": N_("%(who)s put %(what)s into the trash"),
        "restore": _RESTORED,
        "restore_version": _RESTORED,
        "delete": N_("%(who)s deleted %(what)s"),
        "destroy": N_("%(who)s destroyed %(what)s"),
        "lock": N_("%(who)s locked %(what)s"),
        "release": N_("%(who)s released %(what)s"),
        "duplicate": N_("%(who)s duplicated %(what)s"),
        "request": N_("%(who)s asked for %(what)s"),
        "renew": N_("%(who)s renewed %(what)s"),
        "regenerate": N_("%(who)s replaced the secret of %(what)s"),
        "revoke": _REVOKED,
        "revoke_mine": _REVOKED,
        "revoke_tokens": N_("%(who)s revoked every token of %(what)s"),
        "begin_again": N_("what %(what)s begins with lost its secret, and stays"),
        "organization.distrust": N_(
            "every token of %(what)s was revoked: somebody had changed in the database which were"
        ),
        "surrender": _REVOKED,
        "enable": N_("%(who)s enabled %(what)s"),
        "disable": N_("%(who)s disabled %(what)s"),
        "enforce_policy": _ENFORCED,
        "prove": N_("%(who)s had an entry of %(what)s proved"),
        "checkpoint": N_("%(who)s had %(what)s signed"),
        "enforce_due": _ENFORCED,
        "disable_idle": N_("%(what)s was switched off: nobody had used it for long"),
        "report": N_("%(what)s was reported as leaked"),
        "note": N_("%(who)s noted what happened to %(what)s"),
        "approve": N_("%(who)s approved %(what)s"),
        "deny": N_("%(who)s denied %(what)s"),
        "cancel": N_("%(who)s cancelled %(what)s"),
        "enroll": N_("%(who)s enrolled %(what)s"),
        "invite": _INVITED,
        "assign": N_("%(who)s gave other roles to %(what)s"),
        "deactivate": _SHUT_OUT,
        "pass_on": N_("%(who)s gave %(what)s another user's permissions"),
        "hand_over": N_("%(who)s handed over the API tokens of %(what)s"),
        "reactivate": _LET_IN,
        "end": _ENDED,
        "accept": N_("%(who)s accepted %(what)s"),
        "decline": N_("%(who)s declined %(what)s"),
        "retire": N_("%(who)s retired %(what)s"),
        "login": _SIGNED_IN,
        "login_by_provider": _SIGNED_IN,
        "enter": _SIGNED_IN,
        "logout": N_("%(who)s signed out"),
        "sign_out": N_("%(who)s ended the sessions of %(what)s"),
    }
)

NOUNS: Final = MappingProxyType(
    {
        "access": N_("what people and tokens can do"),
        "account": N_("a member"),
        "agent": N_("a tool"),
        "api": N_("a registered API"),
        "api_token": N_("an API token"),
        "asset": N_("an asset"),
        "audit": N_("the audit trail"),
        "catalog": N_("the catalog"),
        "content_type": N_("a content type"),
        "delivery": N_("what is published"),
        "device": N_("a device"),
        "directory": N_("people and roles"),
        "entry": N_("an entry"),
        "gate": N_("what an API keeps"),
        "gate.enroll": N_("a gate"),
        "gate.remove": N_("a gate"),
        "identity": N_("an account at a provider"),
        "invitation": N_("an invitation"),
        "job": N_("a job"),
        "key_pair": N_("a key-and-secret pair"),
        "leak": N_("a leaked token"),
        "locales": N_("the locales"),
        "member": N_("a member"),
        "node": N_("a node"),
        "notice": N_("notices"),
        "oauth": N_("a program's sign-in"),
        "organization": N_("an organization"),
        "passkey": N_("a passkey"),
        "password": N_("a password"),
        "policy": N_("the policy"),
        "preview": N_("drafts"),
        "provider": N_("the providers that count here"),
        "quarantine": N_("the quarantine of what was put back"),
        "recovery_code": N_("codes for recovery"),
        "role": N_("a role"),
        "sample": N_("the sample content"),
        "schedule": N_("a schedule"),
        "scope": N_("scopes"),
        "second_factor": N_("an authenticator app"),
        "second_factor.tell_of_guesses": N_("a member"),
        "session": N_("a session"),
        "signin": N_("a sign-in"),
        "token": N_("a token"),
        "token_request": N_("a request"),
        "trash": N_("the trash"),
        "upload": N_("a file"),
        "user": N_("a member"),
        "version": N_("a version"),
        "webhook": N_("a webhook"),
    }
)


def sentence(operation: str, outcome: str) -> str:
    """Return the sentence of an operation, in English and with its places still open."""
    if outcome == DAMAGED:
        return CHANGED
    return SENTENCES.get(operation.partition(".")[2], OTHER) if outcome == ALLOWED else REFUSED


def noun(operation: str) -> str:
    """Return what an operation is done on where nothing says it more exactly."""
    return NOUNS.get(operation) or NOUNS.get(operation.partition(".")[0], operation)
