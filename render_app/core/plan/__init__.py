"""A sequence and its media → the commands that render it. Pure: nothing is opened, and the same input gives the same plan.

graph (filters as values) · request · reels (what a clip is made of) · stretches (who is seen when) · picture, placing, looks, joins
(one span of frames) · sound · encoding · compiling (the plan) · checking (what came out).
"""
