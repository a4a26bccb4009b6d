"""Captions of a program: what is said in the recordings that are heard in it, where they are heard.

heard (the words and captions of recordings → those of a sequence) · shown (captions on the frames of a film: burnt in, and as files).
"""
