"""`counterfoil token`: API tokens, which programs have."""
