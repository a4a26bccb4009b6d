"""Local files → other local files, by a plan: processes and core, no database."""
