"""A synced session of three cameras of any length, made cheaply: its database rows, proxies, peaks and WAVs."""

import subprocess
from pathlib import Path

from bench.ui.own_studio import set_up

OFFSETS = {"A": 0.0, "B": 1234.0, "C": -777.0}
RATE = 48_000
CLIP_SECONDS = 20


def prepare(folder: Path, seconds: int, size: str) -> tuple[str, dict[str, str], dict[str, Path]]:
    """A synced session in a new database; answers its path, a signed-in cookie, and each camera's WAV."""
    _, cookie = set_up()
    from tests.support import review_shoot as made

    picture = long_picture(folder, seconds, size)
    session = made.shot(title="An hour", status="needs-review")
    sounds = {}
    for label, offset in OFFSETS.items():
        camera = made.Camera(label, float(seconds), offset)
        sounds[label] = add_camera(session, camera, picture, folder)
    made.add_result(session, OFFSETS)
    return f"/sessions/{session.pk}/review/", cookie, sounds


def long_picture(folder: Path, seconds: int, size: str) -> Path:
    clip, whole = folder / "clip.mp4", folder / "picture.mp4"
    encoder = ["-c:v", "libx264", "-preset", "veryfast", "-profile:v", "baseline", "-crf", "28", "-pix_fmt", "yuv420p"]
    card = f"testsrc2=size={size}:rate=25:duration={CLIP_SECONDS}"
    run("ffmpeg", "-v", "error", "-f", "lavfi", "-i", card, *encoder, "-g", "2", "-bf", "0", str(clip))
    loops = str(seconds // CLIP_SECONDS - 1)
    run(
        *["ffmpeg", "-v", "error", "-stream_loop", loops, "-i", str(clip)],
        *["-c", "copy", "-movflags", "+faststart", str(whole)],
    )
    return whole


def add_camera(session, camera, picture: Path, folder: Path) -> Path:
    """The rows and files of one camera: hour-long sound and its true peaks, written block by block."""
    import wave

    import numpy as np

    from media_app import storage
    from media_app.core.files import keys
    from media_app.core.sound.peaks import PeakBuilder
    from media_app.models import DerivedMedia, MediaAsset
    from tests.support.review_shoot import PEAKS

    asset = MediaAsset.objects.create(
        session=session,
        camera_label=camera.label,
        status="ready",
        original_filename=f"camera-{camera.label}.mp4",
        project_id=session.project_id,
        shoot_date=session.date,
        kind="video",
        duration_ms=round(camera.seconds * 1000),
        fps="25",
        has_audio=True,
        sound_ready_at=session.created_at,
        picture_ready_at=session.created_at,
    )
    builders = {tier: PeakBuilder(RATE, size) for tier, size in PEAKS.items()}
    path = folder / f"{camera.label}.wav"
    first = round((10 + camera.offset_ms / 1000) * RATE)
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        for second in range(int(camera.seconds)):
            samples = heard(np, first + second * RATE)
            out.writeframes(samples.tobytes())
            for builder in builders.values():
                builder.feed(samples)
    files = {("audio-wav", ""): path, ("proxy", ""): picture}
    for tier, builder in builders.items():
        files["waveform", tier] = folder / f"{camera.label}.{tier}.dat"
        files["waveform", tier].write_bytes(builder.dat())
    for (kind, variant), file in files.items():
        key = keys.derived_key(asset.angle(), kind, variant)
        target = storage.store().root / key
        target.parent.mkdir(parents=True, exist_ok=True)
        target.hardlink_to(file)
        DerivedMedia.objects.create(
            asset=asset, kind=kind, variant=variant, input_ref="x", key=key, size_bytes=file.stat().st_size
        )
    return path


def heard(np, start: int):
    """One second of the event from sample `start`: the same samples whichever camera asks."""
    out = np.empty(RATE, np.int16)
    at = start
    while at < start + RATE:
        block, inside = divmod(at, RATE)
        rng = np.random.default_rng(block)
        loud = np.repeat(rng.random(8) ** 3, RATE // 8)
        noise = (rng.standard_normal(RATE, dtype=np.float32) * loud * 9000).clip(-32768, 32767).astype(np.int16)
        block = noise[inside : inside + start + RATE - at]
        out[at - start : at - start + block.size] = block
        at += block.size
    return out


def run(*argv: str) -> None:
    subprocess.run(argv, check=True)
