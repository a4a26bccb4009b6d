"""The verbs: what the edit needs, and what is made of a finished recording."""
