"""Small recordings of one made-up event, by ffmpeg."""

import subprocess
from pathlib import Path

import numpy as np

from media_app import storage
from media_app.core.files import keys
from media_app.making.files import sha256
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from media_app.models import DerivedMedia
from tests.support.derived import derive
from tests.support.shoots import camera


def shoot_files(folder: Path, *, seconds: int = 16, starts: dict[str, float] | None = None) -> dict[str, Path]:
    """`cam_a.mp4`, …: 160×90 pictures, and sound from one event that each camera joined at another moment."""
    rate, starts = 16_000, starts or {"a": 0.0, "b": 1.5, "c": 3.25}
    random = np.random.default_rng(7)
    length = int((seconds + max(starts.values())) * rate)
    loudness = np.repeat(random.uniform(0.02, 1.0, length // 1600 + 1), 1600)[:length]
    event = np.convolve(random.standard_normal(length), np.hanning(24), "same") * loudness
    event = (event / np.abs(event).max() * 20_000).astype("<i2")
    files = {}
    for name, start in starts.items():
        path = folder / f"cam_{name}.mp4"
        sound = event[int(start * rate) :][: seconds * rate]
        command = ["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", f"testsrc2=s=160x90:r=25:d={seconds}"]
        command += ["-f", "s16le", "-ar", str(rate), "-ac", "1", "-i", "-", "-c:v", "libx264", "-preset", "ultrafast"]
        command += ["-c:a", "aac", "-shortest", str(path)]
        subprocess.run(command, input=sound.tobytes(), check=True, timeout=60)
        files[name] = path
    return files


def padded(path: Path, size: int) -> Path:
    """The recording with `size` bytes in all: a `free` box at the end, which every MP4 reader skips."""
    missing = size - path.stat().st_size
    with path.open("ab") as file:
        file.write(missing.to_bytes(4, "big") + b"free")
        file.truncate(size)
    return path


def film(session, label, path, folder, **fields):
    """A ready camera with its sound and peaks, made by the ingest's own hands."""
    facts = {"original_filename": path.name, "checksum": sha256(path), "size_bytes": path.stat().st_size}
    asset = camera(session, label, with_files=False, **facts, **fields)
    storage.store().put_file(asset.original_key, path, content_type="video/mp4")
    folder.mkdir()
    made = derive(path, inspect(path), Workspace(folder))
    for file in made.files:
        variant = str(file.meta.get("points_per_second", ""))
        key = keys.derived_key(asset.angle(), file.kind.name, variant)
        storage.store().put_file(key, file.path, content_type=file.content_type)
        DerivedMedia.objects.create(
            **session.context.stamp(),
            asset=asset,
            kind=file.kind.name,
            variant=variant,
            key=key,
            input_ref=asset.original_key,
        )
    return asset
