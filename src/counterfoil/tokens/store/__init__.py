"""The only SQL of the tokens."""
