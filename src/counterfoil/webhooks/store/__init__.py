"""The tables of webhooks, and the only SQL."""
