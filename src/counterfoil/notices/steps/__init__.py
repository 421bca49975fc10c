"""Steps that verbs of this slice and of higher ones share."""
