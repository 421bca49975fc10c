"""What is done at the machine of the server, over its database."""
