"""The replica: what this host knows of the office's books, and how it is written down and proved.

replica      takes in the feed, by position alone
books        named databases of one environment; one transaction sees one state
records      how a token, a person, a role is written down; tree, routes, apis, fence, conditions
proof        the chain where it stands, and the tally of its books; scrub counts them again
"""

from counterfoil.gate.replica.replica import BATCH, GapError, Replica

__all__ = ["BATCH", "GapError", "Replica"]
