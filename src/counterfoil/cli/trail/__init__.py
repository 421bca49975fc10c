"""`counterfoil audit`: the trail."""
