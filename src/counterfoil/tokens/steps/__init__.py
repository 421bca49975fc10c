"""What verbs of the tokens share."""
