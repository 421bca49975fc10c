"""Fuzzing what strangers write: addresses, queries, tables of routes and credentials.

    oracle → targets → run

Each input is read by our own reader and by an oracle that was written from the standard alone and
shares nothing with it. Where the two differ, or anything is raised that no reader is allowed to
raise, the run ends with the input. `make fuzz` runs long, `test_fuzz.py` a little.
"""
