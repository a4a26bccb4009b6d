"""What lies on the cards of cameras and recorders: how devices name their files, and whose recording each file is."""
