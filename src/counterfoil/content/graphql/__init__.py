"""Content over GraphQL: one schema for each set of permissions."""
