"""Counterfoil: access tokens for content platforms and for any HTTP API.

The office issues tokens, the gate verifies them, and the feed carries every change from the office
to the gates. Read the packages in this order; each imports only what stands above it.

Words, pure:
    kernel      time, chance, identity and failure, as arguments and types
    secret      the token string: minted once, shown once, digested at once, never stored
    access      scopes, roles, roots, surfaces: may this grant do that there?

Ground, I/O that knows no domain:
    runtime     settings, the database, logging
    feed        every change, in order, from the office to the gates

The gate, which never touches the office's database:
    gate        credential -> verifier -> replica -> caller

How anything is done:
    audit       who did what, by which token, and with what outcome
    operation   the one way to act: begin, permit, do, emit, record, commit
    jsonapi     documents, queries, routes, and the only table of statuses

The slices, each a noun with its verbs:
    content     the node tree, content types, entries: the first resource behind the gate
    directory   organizations, users, memberships, roles, policy
    tokens      request -> approve -> issue -> edit -> revoke: a token's life
    signin      how a person proves who they are

Outside:
    client, dialects, migrations, app, cli
"""

__version__ = "0.1.0"
