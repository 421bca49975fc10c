"""Asks OpenID providers who somebody is: discovery, the code flow, and what they sign (S48)."""
