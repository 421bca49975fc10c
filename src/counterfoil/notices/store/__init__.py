"""The tables of notices, and the only SQL."""
