"""Which pairs are compared: all of a few, and of many only those that can say something."""

from types import SimpleNamespace

from hypothesis import given, settings
from hypothesis import strategies as st

from sync_app.core import correlate, engine
from sync_app.core.rounds import ALL_OF, camera_of, next_pairs


def compared(labels: list[str], seconds: dict[str, float], hears) -> dict[tuple[str, str], bool]:
    """Every pair that is asked for until none is, with whether its two hear each other."""
    done: dict[tuple[str, str], bool] = {}
    while wanted := next_pairs(labels, seconds, done):
        assert not set(wanted) & set(done)
        done |= {pair: hears(*pair) for pair in wanted}
    return done


def test_a_few_cameras_are_all_compared_at_once():
    assert next_pairs(["B", "A", "C"], dict.fromkeys("ABC", 60.0), {}) == [("B", "A"), ("B", "C"), ("A", "C")]


def test_clips_of_one_camera_are_never_compared():
    assert next_pairs(["A", "B", "B.2"], {"A": 60.0, "B": 5.0, "B.2": 5.0}, {}) == [("A", "B"), ("A", "B.2")]


def test_forty_clips_and_two_recorders_are_compared_with_the_recorders_alone():
    clips = [f"{camera}.{number}" if number > 1 else camera for camera in "ABC" for number in range(1, 41)]
    seconds = dict.fromkeys(clips, 60.0) | {"Y": 18_000.0, "Z": 17_000.0}
    done = compared([*clips, "Y", "Z"], seconds, lambda *pair: True)

    assert len(done) == 2 * 120 + 1


def test_clips_that_hear_only_each_other_are_compared_with_each_other():
    clips = [f"{camera}.{number}" for camera in "ABC" for number in range(2, 6)]
    seconds = dict.fromkeys(clips, 60.0) | {"Z": 18_000.0}
    alone = {"A.3", "B.4"}
    done = compared([*clips, "Z"], seconds, lambda a, b: ({a, b} == alone) if {a, b} & alone else "Z" in (a, b))

    assert done["A.3", "B.4"] is True
    assert ("B.3", "C.3") not in done


@settings(max_examples=60)
@given(st.integers(2, 14), st.data())
def test_what_is_connected_at_all_is_connected_by_what_was_compared(cameras: int, data: st.DataObject):
    labels = [f"{chr(65 + camera)}{suffix}" for camera in range(cameras) for suffix in ("", ".2")]
    seconds = {label: data.draw(st.floats(5, 500)) for label in labels}
    event = {label: data.draw(st.integers(0, 2)) for label in labels}

    def hears(a: str, b: str) -> bool:
        return event[a] == event[b]

    done = compared(labels, seconds, hears)

    assert all(camera_of(a) != camera_of(b) for a, b in done)
    # Every clip was compared with each of its own event from another camera, or both are joined over others.
    groups = {label: label for label in labels}
    for (a, b), believed in done.items():
        if believed:
            old, new = groups[b], groups[a]
            groups = {label: new if group == old else group for label, group in groups.items()}
    for a in labels:
        for b in labels:
            if camera_of(a) != camera_of(b) and hears(a, b):
                assert groups[a] == groups[b], (len(labels) <= ALL_OF, a, b)


def test_a_clip_is_tried_at_other_rates_until_another_of_its_camera_runs_at_its_own(monkeypatch):
    monkeypatch.setattr(engine, "_is_believed", lambda match: match is not None)
    own, slow, hubs = SimpleNamespace(factor=1.0), SimpleNamespace(factor=1.001), ["Y", "Z"]

    def effort(pair, **found):
        return engine._effort({("Y", label): match for label, match in found.items()}, hubs, pair)

    assert effort(("Y", "B.2")) == engine.ANY
    assert effort(("Y", "B.2"), B=own) == engine.OWN_RATE
    assert effort(("Y", "B.2"), B=slow) == effort(("Y", "B.2"), C=own) == effort(("Y", "B.2"), B=None) == engine.ANY
    assert effort(("Z", "B.2"), B=slow) == engine.OWN_RATE
    assert effort(("B.2", "C"), B=slow) == engine.LEAST


def test_two_clips_seem_to_match_where_one_lag_stands_out_by_its_score_and_above_the_next(monkeypatch):
    def seems(*scores: float) -> bool:
        found = SimpleNamespace(candidates=[correlate.Candidate(0.0, 0.0, score) for score in scores])
        monkeypatch.setattr(correlate, "detect", lambda first, second: found)
        return correlate.seems_to_match(None, None)

    assert seems(25.3, 5.0)
    assert seems(7.0)
    assert not seems()
    assert not seems(6.0, 3.0)
    assert not seems(7.5, 7.2)
