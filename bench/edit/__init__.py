"""The planner beside the forms in which people cut several cameras by hand with ffmpeg. `make bench-edit`."""
