"""Ground: settings, the database, logging. I/O that knows no domain."""
