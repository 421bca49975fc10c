"""What is pasted to put a gate in front of an API, made of the configurations that we ship.

    for file in pasted(SNIPPETS["nginx"], Whereabouts(api, "Pages", upstream="127.0.0.1:9000")):
        print(file.name, file.text)

The pages show it, the command line prints it, and every proxy of the tests runs by it.
"""

from counterfoil.snippets.kinds import INSIDE, PROXIES, SNIPPETS, Snippet
from counterfoil.snippets.paste import SHIPPED, NotShownError, Pasted, pasted
from counterfoil.snippets.whereabouts import USUAL, Whereabouts, is_target, proper_target

__all__ = [
    "INSIDE",
    "PROXIES",
    "SHIPPED",
    "SNIPPETS",
    "USUAL",
    "NotShownError",
    "Pasted",
    "Snippet",
    "Whereabouts",
    "is_target",
    "pasted",
    "proper_target",
]
