"""Content, from a command line."""
