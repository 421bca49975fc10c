"""Steps that the verbs of webhooks share."""
