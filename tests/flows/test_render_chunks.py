"""A film in chunks is the film in one pass, and a changed cut costs the chunks that see it."""

from dataclasses import replace
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

from media_app import storage
from media_app.models import DerivedMedia
from render_app.core.plan.chunks import windows_of
from render_app.core.plan.compiling import compile_plan, compile_segment, compile_stitch
from render_app.core.plan.encoding import picture_args
from render_app.core.plan.materials import Materials
from render_app.core.plan.reels import Medium
from render_app.core.plan.request import RenderWish
from render_app.core.timeline.blending import lay_transitions
from render_app.core.timeline.nouns import (
    Automation,
    Clip,
    Keyframe,
    MediaReference,
    Sequence,
    Target,
    Track,
    Transition,
)
from render_app.making.film import UnlikeChunks
from tests.flows.test_renders import HERE, a_project, an_asset, api, post, work_off  # noqa: F401
from tests.support import media
from tests.support.films import made, material, rendered, small_profile

pytestmark = pytest.mark.django_db(transaction=True)
RATE = Fraction(30000, 1001)


def cut(id: str, asset: str, begin: int, end: int, at: int, **fields) -> Clip:
    return Clip(id, MediaReference(asset), Fraction(end), Fraction(begin), Fraction(at), **fields)


def a_film() -> Sequence:
    """Cuts, a dissolve over a seam, a speed, keyframes over a seam and a layer."""
    clips = (
        cut("a", "A", 200, 1500, 0),
        cut("b", "B", 500, 2000, 900),
        cut("c", "A", 100, 1600, 2400, speed=Fraction(3, 2), keep_pitch=False),
    )
    above = cut("d", "B", 0, 1500, 300, scale=0.4, opacity=0.7)
    moved = Automation(
        "m", Target("clip", "d"), "position_x", (Keyframe(Fraction(0), 0.2), Keyframe(Fraction(1500), 0.8))
    )
    return Sequence(
        "s", RATE, tracks=(Track("t", "video", clips), Track("u", "video", (above,), order=1)),
        transitions=(Transition("x", "crossfade", Fraction(400), "a", "b"),), automation=(moved,),
    )  # fmt: skip


def pixels(path: Path) -> list[str]:
    """A digest of each frame, decoded."""
    out = path.with_suffix(".md5")
    media.run_ffmpeg("-i", str(path), "-map", "0:v", "-f", "framemd5", str(out))
    return [line.split(",")[-1].strip() for line in out.read_text().splitlines() if not line.startswith("#")]


def test_chunks_joined_are_the_film_in_one_pass_to_the_pixel_and_to_the_sample(tmp_path):
    files = {"A": media.slate(seconds=4, rate="25"), "B": media.slate("b.mov", seconds=4, rate="30", audio=media.PCM)}
    sequence, wish = a_film(), RenderWish(replace(small_profile(RATE, pcm=True), crf=0))
    reels, known = material(files)
    blends = lay_transitions(sequence, known, RATE)
    one = rendered(compile_plan(sequence, reels, blends, wish), files, folder(tmp_path, "one"))

    chunks, paths = [], {}
    for window in windows_of(wish, sequence.end_ms, 1_000):
        plan = compile_segment(sequence, reels, blends, window.of(wish))
        name = f"chunk-{window.index}"
        paths[name] = rendered(plan, files, folder(tmp_path, name))
        assert len(pixels(paths[name])) == plan.expected.frames == window.end - window.start
        chunks.append(Medium(name, name, name, ""))
    stitch = compile_stitch((sequence, reels, blends, wish, Materials()), chunks)
    joined = rendered(stitch, files | paths, folder(tmp_path, "joined"))

    assert len(chunks) == 4
    assert pixels(joined) == pixels(one)
    first, second = (media.decode_sound(path)[0] for path in (one, joined))
    assert (first == second).all()
    assert len(first) == stitch.expected.audio_samples


def test_chunks_that_are_encoded_otherwise_are_not_joined(tmp_path):
    files = {"A": media.slate(seconds=4, rate="25"), "B": media.slate("b.mov", seconds=4, rate="30", audio=media.PCM)}
    sequence, wish = a_film(), RenderWish(small_profile(RATE))
    reels, known = material(files)
    blends = lay_transitions(sequence, known, RATE)
    chunks, paths = [], {}
    for window in windows_of(wish, sequence.end_ms, 2_000):
        other = replace(wish, profile=replace(wish.profile, preset="medium" if window.index else "ultrafast"))
        plan = compile_segment(sequence, reels, blends, window.of(other))
        name = f"chunk-{window.index}"
        paths[name] = rendered(plan, files, folder(tmp_path, name))
        chunks.append(Medium(name, name, name, ""))
    stitch = compile_stitch((sequence, reels, blends, wish, Materials()), chunks)
    with pytest.raises(UnlikeChunks, match="Chunk 1 was encoded differently from chunk 0"):
        made(stitch, files | paths, folder(tmp_path, "joined"))


def test_a_picture_that_is_new_in_the_last_frame_of_a_part_is_as_good_as_those_before(tmp_path):
    """Each picture stands for four frames, as slowed by four; nothing comes after the last one's first frame."""
    truth, profile = tmp_path / "truth.mkv", replace(small_profile(), preset="veryfast", crf=25)
    slow = "noise=alls=8:allf=t:all_seed=1,setpts=4*PTS,fps=25:round=up"
    made = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=25:d=4", "-vf", slow, "-frames:v", 93, "-pix_fmt", "yuv420p"]
    media.run_ffmpeg(*made, "-c:v", "ffv1", truth)

    def last_db(frames: int) -> tuple[float, float]:
        """Of the last frame, and of the worst before it."""
        film, out = tmp_path / f"{frames}.mp4", tmp_path / f"{frames}.psnr"
        media.run_ffmpeg("-i", truth, *picture_args(profile, frames), film)
        graph = f"[0:v]settb=1/25,setpts=N[a];[1:v]settb=1/25,setpts=N[b];[a][b]psnr=stats_file={out}"
        media.run_ffmpeg("-i", film, "-i", truth, "-filter_complex", graph, "-f", "null", "-")
        found = [float(line.split("psnr_avg:")[1].split()[0]) for line in out.read_text().splitlines()]
        return found[-1], min(found[:-1])

    plain, (last, before) = last_db(0), last_db(93)
    assert plain[0] < last - 1
    assert last > before


def folder(under: Path, name: str) -> Path:
    (under / name).mkdir()
    return under / name


def film_of(api, started) -> dict:  # noqa: F811
    """The finished job that joined a film."""
    _, answer = api.get("/video/render/jobs?status=succeeded", **HERE)
    [job] = [one for one in answer["results"] if one["type"] == "render"]
    return api.get(f"/video/render/jobs/{job['id']}", **HERE)[1]


def test_a_project_is_rendered_in_chunks_and_a_changed_cut_renders_those_that_see_it(api, settings, tmp_path):  # noqa: F811
    settings.VIDEO_RENDER_MAX_CONCURRENT_JOBS = 1
    asset = an_asset(media.slate(seconds=3, rate="25"))
    project = a_project(api, asset)
    wish = {"project_id": project["id"], "segment_duration_ms": 1000}

    planned = post(api, "render/chunks/plan", wish, 200)
    assert [(one["start_ms"], one["end_ms"], one["frames"]) for one in planned["segments"]] == [
        (0, 1000, 24), (1000, 2000, 24), (2000, 2500, 12),
    ]  # fmt: skip
    assert planned["meta"] == {"segment_count": 3, "missing": 3, "frames": 60, "stage_timeout": 90, "clamped": []}
    assert api.post("/video/render/chunks/stitch", wish, **HERE)[1]["error"]["code"] == "chunks_missing"

    begun = post(api, "render/jobs/chunked", wish)
    assert [one["type"] for one in begun["jobs"]] == ["segment"] * 3
    assert api.post("/video/render/jobs", wish | {"segment_duration_ms": None}, **HERE)[0] == 422
    assert api.post("/video/render", {"project_id": project["id"]}, **HERE)[0] == 429, "the chunks count as one render"
    work_off()

    job = film_of(api, begun)
    row = DerivedMedia.objects.get(pk=job["result_artifact_id"])
    assert (row.meta["segment_count"], row.meta["project_id"]) == (3, project["id"])
    assert sorted(row.meta["segment_job_ids"]) == sorted(one["id"] for one in begun["jobs"])
    with storage.store().local_copy(row.key, tmp_path) as path:
        assert media.frame_codes(path) == [
            floor((Fraction(n * 1000, 24) + Fraction(1, 2)) * 25 / 1000) for n in range(60)
        ]
    chunks = DerivedMedia.objects.filter(kind="render_segment").order_by("start_ms")
    assert [(one.start_ms, one.end_ms, one.asset_id) for one in chunks] == [
        (0, 1000, asset.pk), (1000, 2000, asset.pk), (2000, 2500, asset.pk),
    ]  # fmt: skip
    first = chunks[0].meta
    assert (first["segment_index"], first["start_ms"], first["end_ms"], first["overlap_ms"]) == (0, 0, 1000, 750)
    assert (first["profile"], first["segment"]["segment_index"]) == (first["render_profile"], 0)
    again = post(api, "render/chunks/stitch", wish, 200)
    assert (again["artifact_id"], again["cache_hit"]) == (str(row.pk), True)

    _, sequence = api.get(f"/video/projects/{project['id']}/sequences", **HERE)
    _, snapshot = api.get(f"/video/sequences/{sequence['results'][0]['id']}/snapshot", **HERE)
    last = snapshot["tracks"][0]["clips"][1]
    assert api.call("PATCH", f"/video/clips/{last['id']}", {"out_ms": 2400}, **HERE)[0] == 200
    changed = post(api, "render/jobs/chunked", wish)
    assert [one["segment_index"] for one in changed["segments"] if one["artifact_id"] is None] == [2]
    assert len(changed["jobs"]) == 1
