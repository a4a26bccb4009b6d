"""Captions of an export: every frame with or without its caption as the file beside it says, in every output, also of a project.

Where a film differs from the same film without captions, there is a caption.
"""

import json
from fractions import Fraction

import numpy as np
import pysubs2
import pytest

from media_app import storage
from media_app.core.hearing.caption_edits import Edit
from media_app.models import DerivedMedia
from media_app.services import captions
from tests.flows.test_exports import (  # noqa: F401
    DRIFTS,
    OFFSETS,
    SMALL,
    api,
    asked,
    footage,
    local,
    made,
    shoot,
    wish,
)
from tests.support import media

pytestmark = pytest.mark.django_db(transaction=True)
#: When words are said, in ms of the recordings' own clocks.
WORDS = {
    "A": {"Welcome": (900, 1290), "everybody.": (1300, 1610)},
    "B": {"Second": (3600, 3900), "camera.": (3950, 4400)},
}
POINTS = [(500, "A"), (2600, "B")]
#: Brighter or darker by so much is a letter or its outline, and no coding of the same picture.
CHANGED = 40


def heard(session, label: str, words: dict[str, tuple[int, int]]) -> DerivedMedia:
    """A transcript of a camera: what an engine would have kept."""
    said = [
        {"text": text, "start_ms": start, "end_ms": end, "confidence": 0.9, "time_source": "pocketsphinx"}
        for text, (start, end) in words.items()
    ]
    segments = [{"index": 0, "words": said}] if said else []
    asset, key = session.assets.get(camera_label=label), f"words/{label}.json"
    storage.store().put_bytes(
        key, json.dumps({"segments": segments, "duration_ms": 6000}).encode(), content_type="application/json"
    )
    return DerivedMedia.objects.create(
        **asset.context.stamp(), asset=asset, kind="asr_transcript", input_ref=asset.original_key, key=key,
        meta={"duration_ms": 6000},
    )  # fmt: skip


@pytest.fixture
def spoken(shoot):  # noqa: F811
    for label, words in WORDS.items():
        heard(shoot, label, words)
    return shoot


def follow(session, **more) -> dict:
    return wish(session, *POINTS, range={"endMs": 5000}, audio={"source": "follow"}, **more)


def seen_in(film, bare) -> list[bool]:
    """Of each frame, whether something is drawn over what the film without captions shows."""
    pairs = zip(media.decode_pictures(film), media.decode_pictures(bare), strict=True)
    return [bool((np.abs(one.astype(int) - other.astype(int)) > CHANGED).sum() > 5) for one, other in pairs]


def said_by(path, rate: Fraction, frames: int) -> list[bool]:
    """The same by a caption file: which frames a player shows with a caption, each at the moment when it begins."""
    cues = [(one.start, one.end) for one in pysubs2.load(str(path))]
    return [any(start <= frame * 1000 / rate < end for start, end in cues) for frame in range(frames)]


def side(api, answer, name, folder):  # noqa: F811
    """One of the caption files, downloaded as a client does it."""
    sent = api.client.get(f"/api/export/{answer['jobId']}/download?output={name}")
    assert sent.status_code == 302, sent.content
    path = folder / name
    path.write_bytes(b"".join(api.client.get(sent["Location"]).streaming_content))
    return path


def test_what_is_burnt_in_is_what_the_file_says_on_every_frame_at_every_rate(api, spoken, tmp_path):  # noqa: F811
    outputs = [SMALL | {"name": name, "fps": fps} for name, fps in (("even", 25), ("odd", "60000/1001"))]
    with_them = made(api, follow(spoken, outputs=outputs, captions={"files": ["srt", "vtt", "ass", "json"]}))
    bare = made(api, follow(spoken, outputs=outputs))

    for name, rate in (("even", Fraction(25)), ("odd", Fraction(60000, 1001))):
        films = local(api, with_them, name, tmp_path), local(api, bare, name, tmp_path / "..")
        seen = seen_in(*films)
        for form in ("srt", "vtt", "ass"):
            assert seen == said_by(side(api, with_them, f"{name}.{form}", tmp_path), rate, len(seen)), (name, form)
        assert 0 < sum(seen) < len(seen)
    assert [one["name"] for one in with_them["captions"]] == [
        f"{n}.{f}" for n in ("even", "odd") for f in ("srt", "vtt", "ass", "json")
    ]
    assert (bare["captions"], [one["name"] for one in bare["outputs"]]) == ([], ["even", "odd"])


def test_the_same_captioned_and_mastered_film_made_anew_has_the_same_bytes(api, spoken, tmp_path):  # noqa: F811
    kept = list(DerivedMedia.objects.values_list("pk", flat=True))
    body = follow(spoken, captions={"files": ["srt"]}) | {
        "audio": {"source": "follow", "preset": "normalise_v1"},
        "range": {"endMs": 2800},
    }

    def bytes_of() -> tuple[str, list[str], bytes]:
        # Nothing that an export made before is there to be taken.
        DerivedMedia.objects.exclude(pk__in=kept).delete()
        answer = made(api, body)
        # Downloaded, its bytes are held against the checksum that the answer names.
        local(api, answer, "small", tmp_path)
        cues = side(api, answer, "small.srt", tmp_path).read_bytes()
        return answer["jobId"], [one["checksum"] for one in answer["outputs"]], cues

    first, *before = bytes_of()
    second, *after = bytes_of()

    assert first != second
    assert before == after
    assert b"Welcome everybody." in before[1]


def test_captions_begin_when_the_words_are_heard_by_the_sync_and_by_the_cut(api, spoken, tmp_path):  # noqa: F811
    answer = made(api, follow(spoken, captions={"burnIn": False, "files": ["srt"]}))
    cues = list(pysubs2.load(str(side(api, answer, "small.srt", tmp_path))))
    assert [one.plaintext for one in cues] == ["Welcome everybody.", "Second camera."]
    begins = [900 - 500, 3600 * (1 + DRIFTS["B"] / 1e6) + OFFSETS["B"] - 500]
    assert [one.start for one in cues] == pytest.approx(begins, abs=21)
    assert answer["warnings"] == []


def test_only_the_angle_that_is_heard_is_captioned_and_one_that_nobody_listened_to_is_named(api, spoken, tmp_path):  # noqa: F811
    heard_alone = made(api, wish(spoken, *POINTS, range={"endMs": 5000}, captions={"files": ["json"]}))
    cues = json.loads(side(api, heard_alone, "small.json", tmp_path).read_bytes())["cues"]
    assert [one["text"] for one in cues] == ["Welcome everybody."]

    points = [*POINTS, (4200, "C")]
    body = wish(spoken, *points, range={"endMs": 5000}, audio={"source": "follow"}, captions={})
    _, plan = api.post("/api/export/dry-run", body)
    assert plan["meta"]["warnings"] == [
        "captions: nobody has listened to camera-C.mp4 yet; where it is heard there are none."
    ]


def test_a_persons_changes_are_what_is_shown(api, spoken, tmp_path):  # noqa: F811
    row = DerivedMedia.objects.get(kind="asr_transcript", asset__camera_label="A")
    captions.edit(
        row.context, row.pk, [Edit(0, text="Good evening.", start_ms=1000, end_ms=2000)], revision=None, by="maya"
    )
    answer = made(api, follow(spoken, captions={"files": ["srt"]}))
    first = next(iter(pysubs2.load(str(side(api, answer, "small.srt", tmp_path)))))
    assert (first.plaintext, first.start, first.end) == ("Good evening.", 520, 1520)


def test_a_stretch_of_a_project_has_its_own_captions_also_by_its_route(api, spoken, tmp_path):  # noqa: F811
    here = {"headers": {"X-Tenant-Id": spoken.tenant_id, "X-Env": "dev"}}
    _, project = api.post("/video/projects", {"title": "Cut", "session_id": str(spoken.pk)}, **here)
    _, sequence = api.post(f"/video/projects/{project['id']}/sequences", {"timebase": 25}, **here)
    _, track = api.post(f"/video/sequences/{sequence['id']}/tracks", {"kind": "video"}, **here)
    camera = {
        "session_id": str(spoken.pk),
        "camera_label": "A",
        "in_ms": 0,
        "out_ms": 3000,
        "start_ms_on_timeline": 2000,
    }
    assert api.post(f"/video/tracks/{track['id']}/clips", camera, **here)[0] == 201

    status, found = api.get(f"/video/projects/{project['id']}/captions/json", **here)
    assert (status, [(one["text"], one["start_ms"]) for one in found["cues"]]) == (200, [("Welcome everybody.", 2920)])
    body = {"projectId": project["id"], "outputs": [SMALL], "range": {"startMs": 2500, "endMs": 4500}}
    with_them, bare = made(api, body | {"captions": {}}), made(api, body)
    seen = seen_in(local(api, with_them, "small", tmp_path), local(api, bare, "small", tmp_path / ".."))
    assert seen == said_by(side(api, with_them, "small.srt", tmp_path), Fraction(25), len(seen))
    assert seen.index(True) == round((2920 - 2500) / 40)

    # The range begins between two frames, the film with the later of them: a caption stays on the pictures on which it was placed.
    row = DerivedMedia.objects.get(kind="asr_transcript", asset__camera_label="A")
    captions.edit(row.context, row.pk, [Edit(0, start_ms=880, end_ms=1280)], revision=None, by="maya")
    moved = made(api, body | {"captions": {"files": ["srt", "ass"]}})
    seen = seen_in(local(api, moved, "small", tmp_path), local(api, bare, "small", tmp_path / ".."))
    for form in ("srt", "ass"):
        assert seen == said_by(side(api, moved, f"small.{form}", tmp_path), Fraction(25), len(seen))
    assert [frame for frame, drawn in enumerate(seen) if drawn] == list(range(72 - 63, 82 - 63))
    codes = media.frame_codes(local(api, bare, "small", tmp_path / ".."))
    assert [codes[72 - 63], codes[81 - 63]] == [footage("A").code(Fraction(ms)) for ms in (880, 1240)]


def test_where_nobody_speaks_there_are_no_captions_and_the_export_says_so(api, shoot, tmp_path):  # noqa: F811
    heard(shoot, "A", {})
    answer = made(api, wish(shoot, (500, "A"), range={"endMs": 900}, captions={}))
    assert answer["warnings"] == ["captions: no speech was found in what is heard."]
    assert len(pysubs2.load(str(side(api, answer, "small.vtt", tmp_path)))) == 0
    assert side(api, answer, "small.srt", tmp_path).read_text() == "\n"


def test_captions_that_cannot_be_are_refused_with_what_to_do(api, spoken):  # noqa: F811
    missing = asked(api, wish(spoken, (500, "C"), range={"endMs": 900}, audio={"source": "C"}, captions={}), status=409)
    assert (missing["error"]["code"], missing["error"]["field"]) == ("no_words", "captions")
    assert "POST /audio/asr" in missing["error"]["message"]
    for said, field, more in (
        ({"burnIn": False, "files": []}, "captions", {}),
        ({"files": ["doc"]}, "captions.files[0]", {}),
        ({"font": "Comic"}, "captions[0]", {}),
        ({}, "captions.burnIn", {"outputs": [{"name": "cut", "mode": "smart"}]}),
    ):
        refused = asked(api, follow(spoken, captions=said, **more), status=422)
        assert refused["error"]["field"] == field, refused
