"""Ground: settings, the database, threads, logging. I/O that knows no domain."""
