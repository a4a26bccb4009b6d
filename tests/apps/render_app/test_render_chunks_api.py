"""Chunks over HTTP: how a film is cut, what is refused, and that they count as one render."""

import pytest

from media_app.models import MediaJob
from tests.apps.render_app.test_renders_api import a_clip, a_sequence, an_asset
from tests.apps.render_app.test_timelines_api import Video


@pytest.fixture
def video(db):
    return Video()


def wish(video, **fields) -> dict:
    clips = a_clip(an_asset(video), out_ms=5000)
    return {"sequence_snapshot": a_sequence(video, clips), "render_profile": "draft_480p_fast", **fields}


def test_a_plan_of_chunks_covers_the_film_and_starts_nothing(video):
    status, plan = video.post("render/chunks/plan", wish(video, segment_duration_ms=2000, overlap_ms=100))
    assert status == 200, plan
    segments = plan["segments"]
    assert [(one["segment_index"], one["start_ms"], one["end_ms"]) for one in segments] == [
        (0, 0, 2000), (1, 2000, 4000), (2, 4000, 5000),
    ]  # fmt: skip
    assert {one["overlap_ms"] for one in segments} == {100}
    assert sum(one["frames"] for one in segments) == plan["meta"]["frames"] == 120
    assert not MediaJob.objects.exists()


def test_an_overlap_makes_no_other_chunk_because_a_chunk_draws_what_the_film_draws_there(video):
    asked = wish(video, segment_duration_ms=2000)

    def chunks(overlap_ms: float) -> list[tuple]:
        _, plan = video.post("render/chunks/plan", asked | {"overlap_ms": overlap_ms})
        return [(one["cache_key"], one["frames"], one["start_ms"]) for one in plan["segments"]]

    assert chunks(0) == chunks(750) == chunks(5000)


def test_a_dry_run_of_chunks_has_the_commands_of_each(video):
    asked = wish(video, segments=[{"start_ms": 1000, "end_ms": 2000}], dry_run=True)
    status, plan = video.post("render/jobs/segments", asked)
    assert (status, plan["segments"][0]["plan"]["expected"]["frames"]) == (200, 24), plan
    assert not MediaJob.objects.exists()


def test_chunks_are_jobs_that_count_as_one_render_and_are_started_once(video, settings):
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 2
    asked = wish(video, segment_duration_ms=1000)
    status, begun = video.post("render/jobs/chunked", asked)
    assert (status, len(begun["jobs"]), begun["render_job_id"]) == (201, 5, None), begun
    assert {(one["type"], one["status"]) for one in begun["jobs"]} == {("segment", "queued")}
    status, again = video.post("render/jobs/chunked", asked)
    assert [one["id"] for one in again["jobs"]] == [one["id"] for one in begun["jobs"]]
    assert video.post("render/jobs", wish(video))[0] == 201
    status, answer = video.post("render/jobs/chunked", wish(video))
    assert (status, answer["error"]["code"]) == (429, "too_many_renders")
    job = begun["jobs"][0]["id"]
    assert video.post(f"render/jobs/{job}/cancel")[1]["status"] == "cancelled"


@pytest.mark.parametrize(
    ("path", "fields", "status", "code"),
    [
        ("jobs/segments", {"segments": [{"start_ms": 4000, "end_ms": 6000}]}, 400, "invalid_input"),
        ("jobs/segments", {"segments": [{"start_ms": 10, "end_ms": 12}]}, 400, "invalid_input"),
        ("jobs/segments", {"segments": []}, 422, "out_of_range"),
        ("jobs/segments", {}, 422, "missing_field"),
        ("jobs/segments", {"segments": [{"start_ms": 0, "end_ms": 1000, "stop_ms": 5}]}, 422, "unknown_field"),
        ("jobs/segments", {"segments": [{"start_ms": "0", "end_ms": 1000}]}, 422, "wrong_type"),
        ("jobs/chunked", {"segments": [{"start_ms": 0, "end_ms": 1000}]}, 422, "unknown_field"),
        ("chunks/plan", {"segment_duration_ms": 1500.5}, 422, "wrong_type"),
        ("chunks/stitch", {}, 409, "chunks_missing"),
        ("chunks/stitch", {"segments": [{"start_ms": 0, "end_ms": 1000}]}, 400, "invalid_input"),
        ("chunks/stitch", {"segments": [{"start_ms": 1000, "end_ms": 5000}]}, 400, "invalid_input"),
    ],
)
def test_a_request_for_chunks_says_what_is_wrong_with_it(video, path, fields, status, code):
    found, answer = video.post(f"render/{path}", wish(video) | fields)
    assert (found, answer["error"]["code"]) == (status, code), answer


def test_chunks_beyond_their_range_are_clamped_and_listed(video):
    status, plan = video.post("render/chunks/plan", wish(video) | {"segment_duration_ms": 10, "overlap_ms": 9000})
    assert (status, len(plan["segments"])) == (200, 5), plan
    assert [(one["field"], one["to"]) for one in plan["meta"]["clamped"]] == [
        ("segment_duration_ms", 1000),
        ("overlap_ms", 5000),
    ]
    assert {one["overlap_ms"] for one in plan["segments"]} == {5000}
