"""`counterfoil pat`."""
