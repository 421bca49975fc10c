"""The only SQL of signing in."""
