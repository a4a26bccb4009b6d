"""What was seen in a recording, as a page draws it."""

import pytest

from media_app.core.vision.shown import Place, regions, seen


def a_subject(id: str, x: float, width: float = 0.1) -> dict:
    return {"track_id": id, "confidence": 0.9, "bbox_x": x, "bbox_y": 0.3, "bbox_width": width, "bbox_height": 0.2}


def a_frame(time_ms: float, *subjects: dict, main: str | None = None, motion: float | None = 0.1) -> dict:
    camera = {"camera_x": None if motion is None else 0.03, "camera_y": None if motion is None else 0.04}
    return {
        "timestamp_ms": time_ms,
        "subjects": list(subjects),
        "primary_track_id": main,
        "motion": motion,
        **camera,
    }


#: Ten seconds: one face, then a dissolve, then two of which the second is the main one, then nobody.
FILM = {
    "frame_sample_interval_ms": 1000,
    "frames": [
        *(a_frame(1000 * n, a_subject("face-1", 0.1), main="face-1") for n in range(4)),
        a_frame(4000, motion=None),
        *(a_frame(1000 * n, a_subject("face-2", 0.2), a_subject("face-3", 0.6, 0.3), main="face-3") for n in range(5, 8)),
        *(a_frame(1000 * n, motion=0.4) for n in range(8, 10)),
    ],
    "shots": [
        {"start_ms": 0, "end_ms": 4500, "begins_with": "start", "dissolve_ms": None, "fade_ms": None},
        {"start_ms": 4500, "end_ms": 10_000, "begins_with": "dissolve", "dissolve_ms": [4100, 4900], "fade_ms": None},
    ],
    "transitions": [{"kind": "dissolve", "time_ms": 4500, "start_ms": 4100, "end_ms": 4900}],
}  # fmt: skip


def test_shots_lie_where_they_are_and_say_how_they_begin():
    found = seen(FILM, 10_000)
    shots = found.shots

    assert shots is not None
    assert found.stripes == ("M0 0h450v10h-450z", "M450 0h550v10h-550z")
    assert [(one.number, one.how, one.slow_ms, one.x, one.width) for one in shots] == [
        (1, "start", 0, 0.0, 450.0),
        (2, "dissolve", 800, 450.0, 550.0),
    ]


def test_each_subject_has_a_row_and_the_main_one_is_distinguished():
    found = seen(FILM, 10_000)

    assert [(row.name, row.first_ms, row.percent) for row in found.tracks] == [
        ("Face 1", 0, 40), ("Face 2", 5000, 30), ("Face 3", 5000, 30),
    ]  # fmt: skip
    assert [[(bar.x, bar.width) for bar in row.main] for row in found.tracks] == [[(0, 400)], [], [(500, 300)]]
    assert found.main_percent == 70
    assert [len(one.places) for one in found.moments] == [1, 2]
    assert found.moments[1].places[1] == Place(600, 300, 300, 200, is_main=True)


def test_a_curve_is_broken_where_nothing_was_measured():
    found = seen(FILM, 10_000)

    assert (found.motion.most, found.camera.most) == (40.0, 5.0)
    assert [len(line.split()) for line in found.camera.lines] == [4, 5]
    assert found.motion.lines[-1].split()[-1] == "900.0,0.00"


def test_shots_that_were_not_looked_for_are_not_one_shot():
    assert seen({**FILM, "shots": None, "transitions": None}, 10_000).shots is None


def test_faces_have_their_times_and_the_frames_in_which_they_are_largest():
    box = {"x": 0.1, "y": 0.1, "width": 0.1, "height": 0.1}
    faces = [
        {"start_ms": 0, "end_ms": 2000, "boxes": [{**box, "time_ms": 0}, {**box, "time_ms": 1000, "width": 0.2}]},
        {"start_ms": 500, "end_ms": 1500, "boxes": [{**box, "time_ms": 1000, "x": 0.7}]},
    ]
    doubts = [{"start_ms": 3000, "end_ms": 4000, "reason": "a face is lost"}]

    found = regions({"regions": faces, "doubtful_ranges": doubts, "complete": True}, 10_000)

    assert [(row.label, row.bars[0].x, row.bars[0].width) for row in found.rows] == [
        ("Faces", 0, 200), ("In doubt", 300, 100),
    ]  # fmt: skip
    [moment] = found.moments
    assert (moment.time_ms, [place.x for place in moment.places]) == (1000, [100, 700])
    assert found.doubts == ((3000, 4000, "a face is lost"),)


@pytest.mark.parametrize(
    "document", [{}, {"frames": [{}], "frame_sample_interval_ms": 1, "shots": None}, {"frames": 3}]
)
def test_what_is_no_visual_meta_is_refused(document):
    with pytest.raises((KeyError, TypeError, ValueError)):
        seen(document, 1000)
