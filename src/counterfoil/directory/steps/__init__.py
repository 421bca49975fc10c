"""What verbs of the directory share."""
