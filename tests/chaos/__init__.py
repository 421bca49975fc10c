"""Faults, and whether the promise of a revocation is kept while they come and go: `make chaos`."""
