"""The queue as administrators look at it: which jobs, why they failed, and everything about one."""
