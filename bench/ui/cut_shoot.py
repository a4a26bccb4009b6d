"""A decided session of six cameras of any length, made cheaply: one picture and one silent sound under all names, and a cut."""

import wave
from pathlib import Path

from bench.ui.own_studio import set_up
from bench.ui.shoot import RATE, long_picture

OFFSETS = {"A": 0.0, "B": 1234.0, "C": -777.0, "D": 2010.0, "E": 333.3, "F": -1500.5}
PPM = {"B": 12.5, "E": -8.0}


def prepare(folder: Path, seconds: int, size: str, count: int) -> tuple[str, dict[str, str]]:
    """The session in a new database with a cut of so many points; answers its path and a signed-in cookie."""
    user, cookie = set_up()
    from sync_app.services import review
    from tests.support import review_shoot as made

    picture, sound = long_picture(folder, seconds, size), silence(folder, seconds)
    session = made.shot(title="Two hours", status="needs-review")
    for label in OFFSETS:
        add_camera(session, label, seconds, {"proxy": picture, "audio-wav": sound}, size)
    made.add_result(session, dict(OFFSETS), PPM)
    review.approve(session.context, session.pk, approved_by="bench")
    save_cut(user, session, seconds, count)
    return f"/sessions/{session.pk}/angles/", cookie


def silence(folder: Path, seconds: int) -> Path:
    """A WAV of this length that takes no room on the disk."""
    path = folder / "silence.wav"
    frames = seconds * RATE
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.setnframes(frames)
        out.writeframes(b"")
    data = bytearray(path.read_bytes())
    data[4:8] = (36 + 2 * frames).to_bytes(4, "little")
    data[40:44] = (2 * frames).to_bytes(4, "little")
    with path.open("wb") as file:
        file.write(data)
        file.truncate(44 + 2 * frames)
    return path


def add_camera(session, label: str, seconds: int, files: dict[str, Path], size: str) -> None:
    from media_app import storage
    from media_app.core.files import keys
    from media_app.models import DerivedMedia, MediaAsset

    width, height = size.split("x")
    asset = MediaAsset.objects.create(
        session=session,
        camera_label=label,
        status="ready",
        original_filename=f"camera-{label}.mp4",
        original_key=f"originals/{label}.mp4",
        project_id=session.project_id,
        shoot_date=session.date,
        kind="video",
        duration_ms=seconds * 1000,
        fps="25/1",
        width=int(width),
        height=int(height),
        has_audio=True,
        audio_channels=1,
        sound_ready_at=session.created_at,
        picture_ready_at=session.created_at,
    )
    for kind, file in files.items():
        key = keys.derived_key(asset.angle(), kind, "")
        target = storage.store().root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file)
        DerivedMedia.objects.create(
            asset=asset, kind=kind, variant="", input_ref=asset.original_key, key=key, size_bytes=file.stat().st_size
        )


def save_cut(user, session, seconds: int, count: int) -> None:
    """A cut of so many points, evenly over the time that all cameras recorded."""
    from fractions import Fraction

    from render_app.core.cut import Cut, Switch
    from render_app.services import cuts
    from render_app.services.timeline_edits import Caller
    from sessions_app.core.tenant import Context

    step = Fraction((seconds - 10) * 1000, count)
    points = tuple(Switch(step * number, "ABCDEF"[number % 6]) for number in range(count))
    points = (points[0], *(Switch(one.at_ms + 3000, one.angle) for one in points[1:]))
    cut = Cut(Fraction(0), Fraction((seconds - 5) * 1000), points)
    cuts.write(Caller(Context(session.tenant_id, session.env, user), "bench"), session.pk, cut)
