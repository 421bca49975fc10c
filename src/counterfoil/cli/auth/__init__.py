"""`counterfoil auth`."""
