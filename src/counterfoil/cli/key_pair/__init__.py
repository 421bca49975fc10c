"""`counterfoil key-pair`: key-and-secret pairs, for programs that speak OAuth."""
