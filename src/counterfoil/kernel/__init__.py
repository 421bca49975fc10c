"""What everybody says: time, chance, identity and failure, as arguments and types."""
