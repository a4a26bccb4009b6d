"""What is heard in a recording, as values: words, captions, bars, and the events of a timeline. No model is known here."""
