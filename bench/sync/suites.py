"""The mixes of pairs: how hard, how often each difficulty comes, and which seeds are for what."""

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

#: Seeds that the engine may be developed and calibrated on, for all suites; some of them were held out until they were looked at.
DEVELOPMENT_SEEDS = (1, 2, 3, 4, 5, 6, 4712, 7301, 7302, 52301, 52302, 90210, 90417, *range(1001, 1011))
#: Looked at once, when the engine is done: 4711 for `shoot` and `anywhere`, the others for `field`.
HELD_OUT_SEED = 4711
FIELD_HELD_OUT_SEEDS = (52303, 52304)

#: Cases of a kind in a full run of `field`, by group: 75 lines and more than 40 with nothing to find.
#: `adverse` asks first that nothing is sure and wrong; `edge` is for the probability alone: whether such a pair is found is no goal;
#: `short` has both, and goals of its own.
FIELD_COUNTS = {"line": 3, "segments": 2, "bent": 2, "rates": 3, "nothing": 3, "channels": 1, "adverse": 2, "edge": 8,
                "short": 12}  # fmt: skip


def seed_kind(seed: int) -> str:
    """What a seed is for."""
    return "development" if seed in DEVELOPMENT_SEEDS else "held out"
