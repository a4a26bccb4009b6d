"""The verbs of media: `uploads` lets files in, `ingest` makes them usable, `housekeeping` throws away."""
