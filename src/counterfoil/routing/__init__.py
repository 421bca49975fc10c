"""Routing: which of an API's routes a request takes, and which node of its tree it is about.

    address → pattern → table → propose

Pure, and used on both sides: the office keeps no table that a gate could not read, and a gate reads
no address that the API behind it could read in another way.
"""
