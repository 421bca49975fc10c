"""What verbs of signing in share."""
