"""`counterfoil api`: any call, and what a registered API says of itself."""
