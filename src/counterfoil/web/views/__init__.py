"""What the pages of one subject share: how a token, a request or an entry of the trail is read.

A view turns what verbs return into what a template shows, and has no logic of its own.
"""
