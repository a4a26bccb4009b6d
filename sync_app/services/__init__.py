"""The verbs of sync: `measure` listens, `review` is what people decide."""
