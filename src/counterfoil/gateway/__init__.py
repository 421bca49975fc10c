"""The gateway: the gate as a small server of its own, for the proxy in front of an API to ask.

    original → gate/judge → identity, or refusal

It has no database and no framework. A proxy asks it about each request before it lets it through:
`original` finds out which request that is, `identity` says who sent it, `refusal` why it may not
pass, each in the words of the proxy that asks.
"""
