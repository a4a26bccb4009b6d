"""How often a page asks for its live part again, in seconds: while work is running, and when only a colleague may change it."""

BUSY, IDLE = 2, 15
