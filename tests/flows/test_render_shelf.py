"""A long film in chunks inside its one job: what is not changed is not made again, and a lost worker's chunks are not lost."""

from dataclasses import replace
from fractions import Fraction
from math import floor

import pytest
from django.utils import timezone

from media_app import storage
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia, MediaJob, PendingDeletion
from media_app.services import chores
from render_app.core.plan import by_chunks
from render_app.core.plan.compiling import compile_plan
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.blending import lay_transitions
from render_app.making import film
from tests.flows.test_render_chunks import RATE, a_film, folder, pixels
from tests.flows.test_renders import HERE, PROFILE, an_asset, api, post, work_off  # noqa: F401
from tests.support import media
from tests.support.films import material, rendered, small_profile

pytestmark = pytest.mark.django_db(transaction=True)
#: As cameras write it: a keyframe twice a second.
CAMERA = (*media.H264, "-g", "12")
CUTS = (1000, 2000, 3000, 4000, 5000)


@pytest.fixture
def short_chunks(monkeypatch):
    """Chunks of a second, of any film."""
    monkeypatch.setattr(by_chunks, "SHORTEST_S", 1)
    monkeypatch.setattr(by_chunks, "GRID_S", 1)


def a_wish(asset, *cuts: int) -> dict:
    """Six seconds of one recording, cut at these times, the last shots first, over its sound as it was."""
    pairs = list(zip((0, *cuts), (*cuts, 6000), strict=True))
    clips = [
        {"id": str(begin), "asset_id": str(asset.pk), "in_ms": 5000 - begin, "out_ms": 5000 - 2 * begin + end,
         "start_ms_on_timeline": begin}
        for begin, end in pairs
    ]  # fmt: skip
    sound = {"id": "sound", "asset_id": str(asset.pk), "in_ms": 0, "out_ms": 6000, "start_ms_on_timeline": 0}
    tracks = [
        {"id": "v", "kind": "video", "muted": True, "clips": clips},
        {"id": "a", "kind": "audio", "clips": [sound]},
    ]
    sequence = {"id": "s", "timebase": 25, "tracks": tracks}
    return {"sequence_snapshot": sequence, "render_profile": PROFILE, "normalize_audio": True}


def codes_of(*cuts: int) -> list[int]:
    """The number on each frame of such a film."""
    found = []
    for begin, end in zip((0, *cuts), (*cuts, 6000), strict=True):
        first, last = (floor(Fraction(ms * 24, 1000) + Fraction(1, 2)) for ms in (begin, end))
        times = (5000 - 2 * begin + Fraction(n * 1000, 24) for n in range(first, last))
        found += [floor((ms + Fraction(1, 2)) * 25 / 1000) for ms in times]
    return found


def a_render(api, wish) -> tuple[MediaJob, DerivedMedia]:  # noqa: F811
    started = post(api, "render", wish, 202)
    work_off("render_v1")
    job = MediaJob.objects.get(pk=started["job_id"])
    assert job.status == MediaJob.Status.COMPLETED, job.error_message
    return job, DerivedMedia.objects.get(pk=job.result_json["artifact_id"])


def drawn(job: MediaJob, attempt: int = 1) -> list[str]:
    """The chunks that an attempt encoded."""
    commands = job.attempt_rows.get(attempt_no=attempt).commands
    return [argv[-1] for argv in commands if argv[0] == "ffmpeg" and argv[-1].startswith("picture-")]


def sounds(job: MediaJob) -> list[str]:
    """What an attempt made of the sound."""
    commands = job.attempt_rows.get().commands
    return [argv[-1] for argv in commands if argv[-1].startswith(("lane-", "sound"))]


def chunk_rows():
    return DerivedMedia.objects.filter(kind="render_chunk", meta__chunk_of="picture")


def test_a_cut_that_moves_costs_its_chunks_and_the_film_is_the_same_to_the_byte(api, short_chunks, tmp_path):  # noqa: F811
    asset = an_asset(media.slate("shelf.mp4", seconds=6, rate="25", video=CAMERA))
    plan = post(api, "render/dry-run", a_wish(asset, *CUTS), 200)
    assert (plan["meta"]["chunk_count"], plan["meta"]["cached_chunks"], len(plan["chunks"])) == (6, 0, 7)

    job, row = a_render(api, a_wish(asset, *CUTS))
    assert len(drawn(job)) == chunk_rows().count() == 6
    assert row.meta["chunks_reused"] == 0
    loudness = row.meta["loudness"]
    assert row.meta["took_seconds"] > 0
    assert {(one.asset, one.sources.get().source_asset) for one in chunk_rows()} == {(asset, asset)}

    moved = (1000, 2000, 3200, 4000, 5000)
    again = post(api, "render/dry-run", a_wish(asset, *moved), 200)
    assert [one["file"] for one in again["chunks"] if not one["cached"]] == ["picture-0002.mp4", "picture-0003.mp4"]
    assert again["meta"]["estimate"]["decoded_frames"] < plan["meta"]["estimate"]["decoded_frames"] / 2
    job, row = a_render(api, a_wish(asset, *moved))
    assert drawn(job) == ["picture-0002.mp4", "picture-0003.mp4"]
    assert sounds(job) == [], "the sound is what it was"
    assert (row.meta["chunks_reused"], row.meta["loudness"]) == (4, loudness)
    assert "took_seconds" not in row.meta, "what was there already says nothing of what a render takes"
    with storage.store().local_copy(row.key, tmp_path) as path:
        assert media.frame_codes(path) == codes_of(*moved)
        assert media.click_times(*media.decode_sound(path)) == pytest.approx([0.25, 1, 2, 3, 4, 5], abs=0.001)

    # Made again without the chunks, by a job and by the plan alone, it is the same film.
    DerivedMedia.objects.filter(kind__in=("render", "render_chunk")).delete()
    job, anew = a_render(api, a_wish(asset, *moved))
    assert (len(drawn(job)), anew.checksum, anew.cache_key) == (6, row.checksum, row.cache_key)
    with storage.store().local_copy(asset.original_key, tmp_path) as original:
        work = Workspace(tmp_path).subfolder("alone")
        [alone] = film.render(job.input_json["plan"], [original], work, stall_s=90).files
    assert alone.sha256 == row.checksum


def test_what_a_lost_worker_made_is_taken_by_the_next(api, short_chunks, monkeypatch):  # noqa: F811
    asset = an_asset(media.slate("shelf.mp4", seconds=6, rate="25", video=CAMERA))
    run = film._FilmRun.execute

    def lost(making, number):
        if number == 3:
            raise OSError("the machine went away")
        return run(making, number)

    monkeypatch.setattr(film._FilmRun, "execute", lost)
    started = post(api, "render", a_wish(asset, *CUTS), 202)
    work_off("render_v1")
    assert chunk_rows().count() == 3
    monkeypatch.setattr(film._FilmRun, "execute", run)
    MediaJob.objects.filter(pk=started["job_id"]).update(run_after=timezone.now())
    work_off("render_v1")
    job = MediaJob.objects.get(pk=started["job_id"])
    assert (job.status, len(drawn(job)), len(drawn(job, 2))) == (MediaJob.Status.COMPLETED, 3, 3)
    assert DerivedMedia.objects.get(kind="render").meta["chunks_reused"] == 3


def test_a_chunk_that_is_not_what_was_stored_is_made_again(api, short_chunks):  # noqa: F811
    asset = an_asset(media.slate("shelf.mp4", seconds=6, rate="25", video=CAMERA))
    _, row = a_render(api, a_wish(asset, *CUTS))
    damaged, gone, other, *_ = chunk_rows().order_by("start_ms")
    storage.store().put_bytes(damaged.key, b"no film", content_type="video/mp4")
    storage.store().delete(gone.key)
    chunk_rows().filter(pk=other.pk).update(tenant_id="another")
    row.asset.delete()
    job, made = a_render(api, a_wish(asset, *CUTS))
    assert (drawn(job), made.checksum) == (["picture-0000.mp4", "picture-0001.mp4", "picture-0002.mp4"], row.checksum)

    # Of chunks that another encoder made none is taken: the first that is made here tells.
    made.asset.delete()
    mine = [one for one in chunk_rows().order_by("start_ms") if one.tenant_id == asset.tenant_id]
    mine.pop().delete()
    for one in mine:
        one.meta["encoding"]["extradata_hash"] = "another"
        one.save()
    job, made = a_render(api, a_wish(asset, *CUTS))
    assert drawn(job) == ["picture-0005.mp4", *(f"picture-{number:04d}.mp4" for number in range(6))]
    assert (made.checksum, made.meta["chunks_reused"]) == (row.checksum, 0)


def test_chunks_go_after_a_while_and_with_what_they_show(api, short_chunks):  # noqa: F811
    asset = an_asset(media.slate("shelf.mp4", seconds=6, rate="25", video=CAMERA))
    a_render(api, a_wish(asset, *CUTS))
    _, found = api.get(f"/media-v2/assets/{asset.pk}", **HERE)
    assert "render_chunk" not in {one["kind"] for one in (*found["artifacts"], *found["used_in"])}
    first, *_ = chunk_rows()
    chunk_rows().filter(pk=first.pk).update(updated_at="2020-01-01T00:00:00Z")
    assert chores.sweep_expired() == 1
    assert all(rule.folder for rule in chores.lifecycle_rules()), (
        "a rule without a folder is the bucket's own, for all in it"
    )
    assert storage.store().head(first.key) is None
    plan = post(api, "render/dry-run", a_wish(asset, *CUTS) | {"audio_mixdown": "mono"}, 200)
    assert plan["meta"]["cached_chunks"] == 5
    chores.tidy()
    assert not chunk_rows().filter(pk=first.pk).exists()
    left = {one.key for one in chunk_rows().filter(expired_at=None)}
    asset.delete()
    assert not DerivedMedia.objects.filter(kind="render_chunk").exists()
    assert left <= set(PendingDeletion.objects.values_list("key", flat=True))


@pytest.mark.parametrize("pcm", [True, False])
def test_a_film_by_chunks_is_the_film_in_one_pass_to_the_pixel_and_to_the_sample(pcm, monkeypatch, tmp_path):
    files = {
        "A": media.slate("shelf.mp4", seconds=6, rate="25", video=CAMERA),
        "B": media.slate(
            "b.mov", seconds=4, rate="30", video=CAMERA, audio=media.PCM, video_filter="noise=alls=8:allf=t"
        ),
    }
    sequence, wish = a_film(), RenderWish(replace(small_profile(RATE, pcm=pcm), crf=0))
    if not pcm:
        # What follows a dissolve in the same chunk goes through its pixels, where nothing lies over both.
        sequence = replace(sequence, tracks=sequence.tracks[:1], automation=())
    reels, known = material(files)
    made = (sequence, reels, lay_transitions(sequence, known, RATE), wish)
    whole = compile_plan(*made)
    monkeypatch.setattr(by_chunks, "SHORTEST_S", 1)
    monkeypatch.setattr(by_chunks, "GRID_S", 1)
    chunked = compile_plan(*made)
    assert (len(whole.chunks), len(chunked.chunks)) == (0, 5)
    one, other = (rendered(plan, files, folder(tmp_path, name)) for name, plan in (("a", whole), ("b", chunked)))
    assert pixels(other) == pixels(one)
    first, second = (media.decode_sound(path)[0] for path in (one, other))
    assert len(first) == len(second)
    assert (first == second).all()
