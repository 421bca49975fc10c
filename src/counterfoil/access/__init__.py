"""May this grant do that there? Pure words: no clock, no I/O."""
