"""The vendors' contracts: a folder each, thin doors over the same verbs, no logic of their own."""
