"""Who did what, by which credential, on what, when, and with what outcome."""
