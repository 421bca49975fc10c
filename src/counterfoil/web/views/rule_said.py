"""Why a request waits, in sentences: the rules of the policy that ask for approval."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from counterfoil.operation import Work
from counterfoil.tokens.approval import Reason, Rule
from counterfoil.tokens.show import Inquiry
from counterfoil.web.language import N_
from counterfoil.web.page import Visit
from counterfoil.web.views.policy_words import length

_ALWAYS: Final = MappingProxyType(
    {
        "everybody": N_("The policy has every token approved."),
        "all_but_admins": N_("The policy has every token approved but those of admins."),
    }
)
_ABOUT: Final = MappingProxyType(
    {
        Rule.SCOPES: N_("The policy has tokens approved that hold %(scopes)s."),
        Rule.WRITES: N_(
            "The policy has tokens approved that may change something: this one by %(scopes)s."
        ),
    }
)
_FOLLOWS: Final = MappingProxyType(
    {
        Rule.SCOPES: N_(
            "The policy has certain scopes approved, and a token that follows the role may come to "
            "hold each of them."
        ),
        Rule.WRITES: N_(
            "The policy has tokens approved that may change something, as one that follows the "
            "role may one day."
        ),
    }
)
_LIVES: Final = N_("The policy has tokens approved that live longer than %(term)s.")
_NONE: Final = N_(
    "No rule of the policy asks for approval of this any more: one did when it was asked for."
)


def rules_said(inquiry: Inquiry, work: Work, visit: Visit) -> tuple[str, ...]:
    """Return why an open request must be approved, a sentence for each rule that asks for it."""
    return tuple(_said(one, work, visit) for one in inquiry.reasons) or (visit.say(_NONE),)


def _said(reason: Reason, work: Work, visit: Visit) -> str:
    value = reason.value or ""
    if reason.rule is Rule.ALWAYS:
        return visit.say(_ALWAYS[value])
    if reason.rule is Rule.LIFETIME:
        return visit.say(_LIVES, term=length(visit, value))
    if reason.scopes is None:
        return visit.say(_FOLLOWS[reason.rule])
    return visit.say(_ABOUT[reason.rule], scopes=", ".join(work.vocabulary().spell(reason.scopes)))
