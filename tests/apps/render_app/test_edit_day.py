"""A day of cameras that stopped and started, handed to editing programs and read back: every clip in its place to the frame."""

import io
import random
from datetime import date
from fractions import Fraction
from xml.etree import ElementTree as ET

import opentimelineio as otio
import pycmx
import pytest
from django.utils import timezone

from sessions_app.models import RecordingSession
from sync_app.models import SyncResult
from sync_app.services import review
from tests.apps.render_app.test_edit import add_asset, address, client  # noqa: F401  (a fixture)

pytestmark = pytest.mark.django_db
RATE, CLIPS, HOURS = 25, 13, 5


@pytest.fixture
def places() -> dict[str, tuple[int, int]]:
    """Key → start on the master's clock in ms, and length in ms: in order, with gaps, on no frame."""
    rng, found = random.Random(14), {}
    for letter in "BCD":
        at = rng.uniform(1, 300)
        for clip in range(1, CLIPS + 1):
            seconds = rng.randrange(8 * RATE, 1200 * RATE) / RATE
            key = letter if clip == 1 else f"{letter}.{clip}"
            found[key] = round(1000 * at) + 7, round(1000 * seconds)
            at += seconds + rng.uniform(2, 120)
    assert max(start + length for start, length in found.values()) < HOURS * 3_600_000
    return found


@pytest.fixture
def day(places) -> RecordingSession:
    session = RecordingSession.objects.create(
        title="A wedding", date=date(2026, 11, 20), project_id="day", status="needs-review"
    )
    hours = HOURS * 3_600_000
    add_asset(session, "A", fps="25/1", duration_ms=hours, media_info={"frames": hours * RATE // 1000})
    for key, (_, length) in places.items():
        letter, _, clip = key.partition(".")
        name = f"camera {letter}-{clip or 1}.mp4"
        facts = {"duration_ms": length, "fps": "25/1", "media_info": {"frames": length * RATE // 1000}}
        add_asset(session, letter, clip=int(clip or 1), original_filename=name, **facts)
    SyncResult.objects.create(
        session=session, run=1, version=1, master_camera="A", computed_at=timezone.now(),
        offsets_ms={"A": 0.0} | {key: float(start) for key, (start, _) in places.items()},
        confidence=dict.fromkeys(places, 20.0), classification=dict.fromkeys(places, "looks-good"),
        drift_ppm=dict.fromkeys(places, 0.0), warnings={}, probability=dict.fromkeys(places, 0.99),
    )  # fmt: skip
    review.approve(session.context, session.pk, approved_by="alice")
    return session


@pytest.fixture
def on_frames(places) -> dict[str, tuple[int, int]]:
    """Key → the frame on which its first picture is seen, and how many it has."""
    return {key: (round(start * RATE / 1000), length * RATE // 1000) for key, (start, length) in places.items()}


def frames(seconds: Fraction) -> int:
    found = seconds * RATE
    assert found.denominator == 1, "off the frames"
    return int(found)


def test_json_has_every_clip_with_its_offset(client, day, places):  # noqa: F811
    angles = client.get(address(day)).json()["angles"]
    assert {
        one["cameraLabel"]: (one["offsetMs"], one["durationMs"]) for one in angles if one["cameraLabel"] != "A"
    } == places


def test_otio_has_every_clip_on_its_frame(client, day, on_frames):  # noqa: F811
    read = otio.adapters.read_from_string(client.get(address(day, format="otio")).content.decode(), "otio_json")
    found = {}
    for track in (track for track in read.tracks if track.kind == "Video"):
        letter = track.metadata["studio"]["cameraLabel"]
        for number, clip in enumerate(track.find_clips(), 1):
            place = track.range_of_child(clip)
            key = letter if number == 1 else f"{letter}.{number}"
            found[key] = (int(place.start_time.value), int(place.duration.value))
    assert {key: place for key, place in found.items() if key != "A"} == on_frames


def test_fcpxml_has_every_clip_on_its_frame(client, day, on_frames):  # noqa: F811
    root = ET.fromstring(client.get(address(day, format="fcpxml")).content)
    found = {}
    for letter in "BCD":
        for clip in root.findall(f".//mc-angle[@angleID='{letter}']/asset-clip"):
            at, length = (Fraction(clip.get(name).rstrip("s")) for name in ("offset", "duration"))
            found[clip.get("ref").removeprefix("camera-")] = (frames(at), frames(length))
    assert found == on_frames


def test_edl_has_every_clip_on_its_frame(client, day, on_frames):  # noqa: F811
    found = {}
    for letter in "BCD":
        text = client.get(address(day, format="edl", camera=letter)).content.decode()
        events = [edit for event in pycmx.parse_cmx3600(io.StringIO(text)).events for edit in event.edits]
        keys = [letter, *(f"{letter}.{number}" for number in range(2, CLIPS + 1))]
        seen = sorted({(count(edit.record_in), count(edit.record_out)) for edit in events if edit.source != "BL"})
        found |= {key: (start, end - start) for key, (start, end) in zip(keys, seen, strict=True)}
    assert found == on_frames


def count(label: str) -> int:
    hours, minutes, seconds, number = (int(part) for part in label.split(":"))
    return ((hours * 60 + minutes) * 60 + seconds) * RATE + number
