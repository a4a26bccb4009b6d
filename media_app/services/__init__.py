"""The verbs of media: `uploads` takes files, `ingest` makes them usable, `mastering` finishes their sound, `deletion` removes them."""
