"""Content over HTTP."""
