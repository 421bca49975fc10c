"""What `make check` and `make docs` run beside the linters; each is `python -m tools.NAME`."""
