"""Sessions that are already synced, straight into the database and the store: for tests and benches of the review page.

The cameras hear one event: noise in bursts, with a click at each whole second of the event. A camera that starts
`offset` ms after the master therefore has its own clicks at the event's seconds less its start.
"""

import functools
import json
import subprocess
import tempfile
import wave
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np
from django.utils import timezone
from numpy.typing import NDArray

from media_app import storage
from media_app.core.files import keys
from media_app.core.sound.peaks import PeakBuilder
from media_app.models import DerivedMedia, MediaAsset
from sessions_app.models import RecordingSession
from sync_app.core.synced import camera_order
from sync_app.models import SyncResult
from tests.support.factories import ready_since

RATE = 48_000
OFFSETS = {"A": 0.0, "B": 1234.0, "C": -777.0}
PEAKS = {"20": 2400, "1000": 48}
#: When the master began, in seconds of the event: the click of event second n is at n − 4 on its clock.
MASTER_STARTS = 4.0


@dataclass(frozen=True)
class Camera:
    """One camera as made: `sound` is mono, −1 … 1, or None for a silent one."""

    label: str
    seconds: float
    offset_ms: float
    ppm: float = 0.0
    fps: str = "25"
    sound: NDArray[np.float32] | None = None


@functools.cache
def event(seconds: float) -> NDArray[np.float32]:
    rng = np.random.default_rng(7)
    count = round(seconds * RATE)
    bursts = np.repeat(rng.random(int(seconds * 6) + 1) ** 3, RATE // 6)[:count]
    voice = np.convolve(rng.standard_normal(count), np.hanning(13) / 2.5, "same")
    sound = (0.25 * bursts * voice).astype(np.float32)
    click = np.sin(np.arange(240) / 240 * 12 * np.pi) * np.hanning(240)
    for second in range(int(seconds)):
        sound[second * RATE : second * RATE + 240] += 0.7 * click[: count - second * RATE].astype(np.float32)
    return np.clip(sound, -1, 1)


def camera(label: str, *, seconds: float = 12.0, offset_ms: float, ppm: float = 0.0, silent: bool = False) -> Camera:
    """A camera of the event that started `offset_ms` after the master, its clock off by `ppm`."""
    if silent:
        return Camera(label, seconds, offset_ms)
    first = (MASTER_STARTS + offset_ms / 1000) * RATE
    at = first + np.arange(round(seconds * RATE)) * (1 + ppm / 1e6)
    heard = event(MASTER_STARTS + seconds + 8.0)
    sound = np.interp(at, np.arange(heard.size), heard).astype(np.float32) if ppm else heard[round(at[0]) :][: at.size]
    gain = {"A": 0.9, "B": 0.5, "C": 0.7}.get(label, 0.6)
    return Camera(label, seconds, offset_ms, ppm, sound=gain * sound)


@functools.cache
def picture(seconds: float, label: str, size: str = "320x180") -> Path:
    """A proxy as the ingest makes them, of a test card that moves."""
    path = Path(tempfile.mkdtemp(prefix="studio-picture-")) / "proxy.mp4"
    hue = 40 * (ord(label) - ord("A"))
    argv = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", f"testsrc2=size={size}:rate=25:duration={seconds}"]
    argv += ["-vf", f"hue=h={hue}:s=0.6", "-an", "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline"]
    argv += ["-crf", "34", "-g", "2", "-bf", "0", "-pix_fmt", "yuv420p", "-movflags", "+faststart", str(path)]
    subprocess.run(argv, check=True)
    return path


def wav_bytes(sound: NDArray[np.float32]) -> bytes:
    """Stereo, 16 bit, as the ingest stores it."""
    pcm = np.repeat((np.clip(sound, -1, 1) * 32767).round().astype("<i2")[:, None], 2, axis=1)
    with tempfile.NamedTemporaryFile(suffix=".wav") as file:
        with wave.open(file.name, "wb") as out:
            out.setnchannels(2)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(pcm.tobytes())
        return Path(file.name).read_bytes()


def peaks_bytes(sound: NDArray[np.float32], per_pixel: int) -> bytes:
    builder = PeakBuilder(RATE, per_pixel)
    builder.feed((np.clip(sound, -1, 1) * 32767).round().astype(np.int16))
    return builder.dat()


def synced(
    *cameras: Camera,
    title: str = "Cello lesson",
    found: dict[str, float | None] | None = None,
    status: str = RecordingSession.Status.NEEDS_REVIEW,
    classification: str = "looks-good",
    **fields,
) -> RecordingSession:
    """A session of these cameras with its result, waiting for a person. `found`: the computed offsets, by default the
    true ones."""
    cameras = cameras or tuple(camera(label, offset_ms=ms) for label, ms in OFFSETS.items())
    session = shot(*cameras, title=title, status=status, **fields)
    computed = found or {one.label: one.offset_ms if one.sound is not None else None for one in cameras}
    add_result(session, computed, {one.label: one.ppm for one in cameras}, classification=classification)
    return session


#: What camera B of `paused` lost, in ms, and when, in seconds of its own clock.
LOST_MS, LOST_AT = 400.0, 5.0


def paused(**fields) -> RecordingSession:
    """A session whose camera B lost 400 ms after five of its twelve seconds: two segments, the strip of coverage, and the sound
    of the second of its two channels."""
    session = synced(classification="review-suggested", **fields)
    offset = OFFSETS["B"]
    sure = {"drift_ppm": 0.0, "confidence": 12.0, "probability": 0.99}
    spans = [(0.0, 3.0, "agreeing"), (3.0, 4.0, "silent"), (4.0, 7.0, "agreeing"), (7.0, 9.0, "drowned")]
    result = session.sync_results.get()
    result.details = {
        "segments": {
            "B": [
                {"start_s": 0.0, "end_s": LOST_AT, "offset_ms": offset, **sure},
                {"start_s": LOST_AT, "end_s": 12.0, "offset_ms": offset + LOST_MS, **sure},
            ]
        },
        "coverage": {
            "B": [{"start_s": a, "end_s": b, "state": s} for a, b, s in [*spans, (9.0, 10.5, "contradicting")]],
            "C": [{"start_s": 0.777, "end_s": 12.0, "state": "agreeing"}],
        },
    }
    result.save()
    session.assets.filter(camera_label="B").update(
        heard={
            "stream": 1,
            "channels": [2],
            "how": "channel",
            "reason": "channel 2; channel 1 is silent",
            "gain_db": 0.0,
        },
        tracks=[_track(_channel(1, None, 0.0), _channel(2, -23.4, 0.81))],
    )
    return session


def _track(*channels: dict) -> dict:
    return {"stream": 1, "track": 1, "codec": "aac", "layout": "stereo", "channels": list(channels)}


def _channel(number: int, level: float | None, speech: float) -> dict:
    return {
        "channel": number, "loudness_dbfs": level, "peak_dbfs": level, "digital_silence": 0.0, "activity": speech,
        "speech": speech, "ltc": 0.0, "floor_dbfs": -86.0,
    }  # fmt: skip


def shot(*cameras: Camera, title: str = "Cello lesson", status: str, **fields) -> RecordingSession:
    """A session whose files are ingested, and nothing more."""
    session = RecordingSession.objects.create(
        title=title, date=date(2026, 3, 14), project_id="lessons", location="Room 12", status=status, **fields
    )
    for one in cameras:
        add_camera(session, one)
    return session


def a_day(clips: int = 40, *, seconds: float = 4.0, doubtful: tuple[str, ...] = (), nowhere: tuple[str, ...] = ()):
    """A recorder A that never stopped, and three cameras that stopped and started, `clips` times each; some clips are to be
    checked, some were not found."""
    gap = 2 * seconds
    made = {
        "A": Camera("A", gap * clips + seconds, 0.0, sound=np.resize(event(seconds * 4), round(gap * clips * RATE)))
    }
    for place, letter in enumerate("BCD"):
        for clip in range(1, clips + 1):
            label = letter if clip == 1 else f"{letter}.{clip}"
            start = 1000 * (gap * (clip - 1) + 1 + place)
            made[label] = replace(
                camera(letter, seconds=seconds, offset_ms=500.0 * place), label=label, offset_ms=start
            )
    session = shot(*made.values(), title="A wedding", status=RecordingSession.Status.NEEDS_REVIEW)
    result = add_result(session, {key: None if key in nowhere else one.offset_ms for key, one in made.items()})
    for key in doubtful:
        result.classification[key], result.confidence[key] = "review-suggested", 7.3
    result.save()
    return session


def add_camera(session: RecordingSession, one: Camera) -> MediaAsset:
    letter, _, clip = one.label.partition(".")
    asset = MediaAsset.objects.create(
        session=session,
        camera_label=letter,
        clip=int(clip or 1),
        status=MediaAsset.Status.READY,
        original_filename=f"camera-{one.label}.mp4",
        project_id=session.project_id,
        shoot_date=session.date,
        version=MediaAsset.objects.filter(camera_label=letter).count() + 1,
        kind="video",
        duration_ms=round(one.seconds * 1000),
        fps=one.fps,
        has_audio=one.sound is not None,
        **ready_since("ready"),
    )
    files = {("proxy", ""): picture(one.seconds, letter).read_bytes()}
    if one.sound is not None:
        files[("audio-wav", "")] = wav_bytes(one.sound)
        files |= {("waveform", tier): peaks_bytes(one.sound, size) for tier, size in PEAKS.items()}
    for (kind, variant), data in files.items():
        add_file(asset, kind, variant, data)
    return asset


def add_file(asset: MediaAsset, kind: str, variant: str, data: bytes) -> None:
    key = keys.derived_key(asset.angle(), kind, variant)
    stored = storage.store().put_bytes(key, data, content_type=storage.content_type_of(key))
    DerivedMedia.objects.create(
        asset=asset, kind=kind, variant=variant, input_ref="x", key=key, size_bytes=stored.size, checksum=f"{asset.pk}"
    )


def add_result(
    session: RecordingSession,
    offsets: dict[str, float | None],
    ppm: dict[str, float] | None = None,
    *,
    classification: str = "looks-good",
) -> SyncResult:
    """A current result with these offsets, and evidence to look at for each camera that was found."""
    master, *others = sorted(offsets, key=camera_order)
    last = session.sync_results.order_by("-run").first()
    session.sync_results.filter(superseded_at=None).update(superseded_at=timezone.now())
    score = {"looks-good": 41.2, "review-suggested": 7.3, "needs-manual-nudge": 3.1}[classification]
    found = [label for label in others if offsets[label] is not None]
    return SyncResult.objects.create(
        session=session,
        run=last.run + 1 if last else 1,
        version=last.version + 1 if last else 1,
        master_camera=master,
        offsets_ms=offsets,
        confidence={label: score if label in found else None for label in others},
        probability={label: 0.998 if label in found else None for label in others},
        classification={label: classification if label in found else "needs-manual-nudge" for label in others},
        drift_ppm={label: (ppm or {}).get(label, 0.0) for label in others},
        warnings={
            label: ["This camera recorded no sound: set its offset by hand."] for label in others if label not in found
        },
        debug_artifacts={label: {"curve": _evidence(session, label, offsets[label], ppm or {})} for label in found},
        computed_at=timezone.now(),
    )


def _evidence(session: RecordingSession, label: str, offset: float, ppm: dict[str, float]) -> str:
    lags = np.arange(-6000, 6001, 8.0)
    rivals = [(offset + 2600.0, 6.1), (offset - 1500.0, 4.9), (offset + 900.0, 3.7)]
    noise = np.random.default_rng(sum(map(ord, label))).standard_normal(lags.size)
    curve = 1.0 + 0.6 * noise
    for lag, height in [(offset, 41.2), *rivals]:
        curve += height * np.exp(-(((lags - lag) / 14.0) ** 2))
    asset = next(asset for asset in session.assets.all() if asset.camera_key == label)
    seconds = asset.duration_ms / 1000

    def window(share: float) -> dict[str, float]:
        time = share * seconds
        return {"time_s": time, "lag_ms": offset + ppm.get(label, 0.0) * time / 1000, "weight": 0.3 + 0.1 * share}

    made = {
        "compared_with": "A",
        "curve_ms": lags.tolist(),
        "curve": np.round(curve, 3).tolist(),
        "rivals": [{"lag_ms": lag, "score": height} for lag, height in rivals],
        "windows": [window(share / 10) for share in range(2, 9)],
        "start": window(0.25),
        "middle": window(0.5),
        "end": window(0.75),
        "measures": {},
    }
    key = keys.sync_key(asset.angle(), str(session.pk), session.sync_results.count() + 1, ".json")
    storage.store().put_bytes(key, json.dumps(made).encode(), content_type="application/json")
    return key
