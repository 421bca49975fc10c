"""What the API speaks of, each with its calls, which are told once for both clients."""
