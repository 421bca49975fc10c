"""The only SQL of the directory."""
