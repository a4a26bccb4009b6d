"""Django's engine for PostgreSQL, asking less of the server."""
