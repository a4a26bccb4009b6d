"""What the engines hear and see, against truth that is known."""
