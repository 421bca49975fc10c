"""`kill -9` at every durable step (R4): what was answered is there, and nothing is half done."""
