"""The power is cut (R5): what was not waited for is lost, and what was answered is there."""
