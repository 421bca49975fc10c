"""`counterfoil webhook`: other servers that are told what becomes true."""
