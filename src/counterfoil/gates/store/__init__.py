"""The table of the gates, and the only SQL about it."""
