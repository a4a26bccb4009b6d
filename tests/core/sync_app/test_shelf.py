import numpy as np

from sync_app.core.features import measure
from sync_app.core.shelf import Shelf
from tests.core.sync_app.signals import chatter, track

TRACKS = {label: track(label, chatter(90 + index, 4)) for index, label in enumerate("ABC")}


def test_features_come_back_the_same_whether_or_not_they_were_kept():
    shelf = Shelf(TRACKS, kept_s=5)

    for label in "ABCAB":
        found, expected = shelf.features(label), measure(TRACKS[label])
        assert np.array_equal(found.samples, expected.samples)
        assert np.array_equal(found.mfcc, expected.mfcc)


def test_what_was_wanted_last_is_kept_and_the_rest_goes():
    shelf = Shelf(TRACKS, kept_s=9)
    first = shelf.features("A")
    shelf.features("B")
    assert shelf.features("A") is first

    shelf.features("C")

    assert shelf.features("A") is first
    assert set(shelf._held) == {"A", "C"}


def test_what_is_being_measured_takes_memory_before_it_is_there(monkeypatch):
    shelf = Shelf(TRACKS, kept_s=9)
    shelf.features("A")
    shelf.features("B")
    held = []
    monkeypatch.setattr("sync_app.core.shelf.measure", lambda *args: held.append(set(shelf._held)) or measure(*args))
    shelf.features("C")
    assert held == [{"B"}]
