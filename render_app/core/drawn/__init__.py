"""Words and shapes as drawings: what is to be drawn, worked out whole from a clip, its font and the frame. `making.drawn` draws it."""
