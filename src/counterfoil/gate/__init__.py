"""The gate: says who is asking and what they may do, without the office's database.

    credential → verifier → replica

`credential` takes the one token that a request presents, `verifier` looks it up and makes a caller
of it, `replica` is what this host knows of every token, member, role and node.

What it decides goes on record by `record`, which is a journal on the disk until the office has it.
"""
