"""The verbs of media: `uploads` lets files in, `ingest` makes them usable, `mastering` finishes their sound, `housekeeping` throws away."""
