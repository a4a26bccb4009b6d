"""The two mixes of pairs: how hard, and how often each difficulty comes."""

_ALL = ("easy", "far", "hall", "noisy", "phone", "codec", "agc-clip", "partial", "foreign", "drift", "dropped", "short",
        "outdoor", "long")  # fmt: skip
_SELDOM = ("drift", "dropped", "long")

#: `anywhere`: microphones anywhere in the room, all kinds alike. `shoot`: cameras where people put them; drift, dropped
#: samples and long files are each one pair in 25.
KINDS = {"anywhere": _ALL, "shoot": tuple(kind for kind in _ALL if kind not in _SELDOM) * 2 + _SELDOM}

#: Metres from the source to the nearer and to the farther camera of a shoot, from and to.
SHOT_FROM = {
    "small": ((0.5, 3.0), (1.0, 6.0)),
    "class": ((1.0, 4.5), (2.0, 10.0)),
    "hall": ((2.0, 9.0), (4.0, 20.0)),
}
