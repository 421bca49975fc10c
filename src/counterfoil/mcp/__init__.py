"""Tools for agents, over the Model Context Protocol: as many as the token that they act by allows.

The tools stand over `client/`, that is over HTTP, so the server judges and records each call as any
other one. What is not offered would be refused: the list saves the agent the attempt.
"""
