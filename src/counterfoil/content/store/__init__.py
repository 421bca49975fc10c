"""The only SQL of content."""
