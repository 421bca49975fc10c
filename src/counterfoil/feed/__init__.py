"""Every change, in order, from the office to the gates.

`event` and `codec` are words that a gate understands without a database; `outbox` and `follow` are
the office's side of it.
"""
