"""`counterfoil plan` and `apply`: an organization as a file says it shall be."""
