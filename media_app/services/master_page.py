"""What the page that tries presets shows: a mastered asset before and after, to look at and to listen to."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from media_app import storage
from media_app.core.sound import drawing, presets
from media_app.core.sound.peaks import read_dat
from media_app.models import DerivedMedia, MediaAsset, MediaJob
from media_app.services import mastering
from sessions_app.core.tenant import Context

WAVE_HEIGHT, CURVE_HEIGHT = 80, 150
#: Lines of the loudness chart, LUFS.
GRID = (-12, -24, -36)
SHOWN = 100


@dataclass(frozen=True, slots=True)
class Side:
    """Before, or after: what was measured and what is drawn."""

    name: str
    label: str
    loudness: float | None
    true_peak: float | None
    range: float
    wave: str
    curve: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both sides on one clock; `player` is what the page's script needs, None when there is nothing to hear."""

    sides: tuple[Side, ...]
    seconds: float
    target: float | None
    target_y: float | None
    grid: tuple[tuple[int, float], ...]
    speech: tuple[tuple[float, float], ...]
    download: str | None
    player: dict[str, Any] | None
    wave_height: int = WAVE_HEIGHT
    curve_height: int = CURVE_HEIGHT
    facts: tuple[tuple[str, str], ...] = field(default_factory=tuple)


def music_choices(context: Context, asset: MediaAsset | None = None) -> list[MediaAsset]:
    """Ready assets with sound that may lie under another (this one); sound recordings first, the latest first."""
    found = MediaAsset.objects.in_tenant(context).comparable().select_related("session")
    if asset is not None:
        found = found.exclude(pk=asset.pk)
    # "audio" comes before "video" in the alphabet, which is all that is needed here.
    return list(found.order_by("kind", "-created_at")[:SHOWN])


def compare(job: MediaJob, asset: MediaAsset) -> Comparison | None:
    """The comparison of a completed job; None while there is none."""
    result = job.result_json or {}
    if job.status != MediaJob.Status.COMPLETED or "after" not in result:
        return None
    seconds = result["seconds"]
    rows = DerivedMedia.objects.in_bulk((result.get("listen") or {}).values())
    made = {kind: rows.get(UUID(pk)) for kind, pk in (result.get("listen") or {}).items()}
    own = asset.derivatives.filter(expired_at=None, kind__in=["waveform", "audio-wav"])
    before_peaks = next((row for row in own if row.kind == "waveform" and row.variant == "20"), None)
    before_wav = next((row for row in own if row.kind == "audio-wav"), None)
    wanted = presets.load(job.input_json["preset"], job.input_json.get("overrides"))
    target = wanted.normalization.target_lufs if wanted.normalization.enabled else None
    sides = (
        _side("before", "Before", result["before"], before_peaks, seconds),
        _side("after", "After", result["after"], made.get("peaks"), seconds),
    )
    after_wav = made.get("listen")
    player = None
    if after_wav is not None:
        wavs = {"after": after_wav} | ({"before": before_wav} if before_wav is not None else {})
        player = {
            "seconds": seconds,
            "wavs": {name: storage.store().url(row.key) for name, row in wavs.items()},
            "gains": _matched({side.name: side.loudness for side in sides}),
        }
    return Comparison(
        sides=sides,
        seconds=seconds,
        target=target,
        target_y=None if target is None else drawing.level(target, CURVE_HEIGHT),
        grid=tuple((lufs, drawing.level(lufs, CURVE_HEIGHT)) for lufs in GRID),
        speech=tuple(
            (drawing.across(start, seconds), max(1.0, drawing.across(end, seconds) - drawing.across(start, seconds)))
            for start, end in result.get("speech", [])
        ),
        download=mastering.link_of(asset, job, _filename(asset, result)),
        player=player,
        facts=_facts(result),
    )


def _filename(asset: MediaAsset, result: dict[str, Any]) -> str:
    stem = asset.original_filename.rpartition(".")[0] or asset.original_filename
    return f"{stem}.{result['preset']}.{result['key'].rpartition('.')[2]}"


def _facts(result: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    talked = len(result.get("speech", []))
    kinds = {
        "linear": "one gain throughout",
        "gain": "one gain throughout",
        "limited": "one gain, peaks limited",
        "none": "None",
    }
    return (
        (
            "Gain",
            _gain_text(result, kinds) if result["gain_kind"] != "none" else "None",
        ),
        ("File", f"{result['codec']}, {result['sample_rate']} Hz, {result['channels']} channels"),
        (
            "Speech",
            f"{talked} section{'' if talked == 1 else 's'} found" if talked else "Not detected",
        ),
    )


def _gain_text(result: dict[str, Any], kinds: dict[str, str]) -> str:
    """The gain of the last step; with none, where a change of loudness comes from."""
    if abs(result["gain_db"]) < 0.05:
        return "0.0 dB: the preset's filters already reached the target loudness"
    return f"{result['gain_db']:+.1f} dB, {kinds[result['gain_kind']]}"


def _matched(loudness: dict[str, float | None]) -> dict[str, float]:
    """dB by which each side is turned down so that both are as loud: the louder of two always seems the better."""
    known = [value for value in loudness.values() if value is not None]
    quietest = min(known, default=0.0)
    return {name: 0.0 if value is None else round(quietest - value, 2) for name, value in loudness.items()}


def _side(name: str, label: str, measured: dict[str, Any] | None, peaks: DerivedMedia | None, seconds: float) -> Side:
    measured = measured or {"integrated_lufs": None, "true_peak_dbtp": None, "range_lu": 0.0, "curve": []}
    return Side(
        name=name,
        label=label,
        loudness=measured["integrated_lufs"],
        true_peak=measured["true_peak_dbtp"],
        range=measured["range_lu"],
        wave=_wave(peaks, seconds),
        curve=drawing.curve(measured["curve"], seconds, CURVE_HEIGHT),
    )


def _wave(row: DerivedMedia | None, seconds: float) -> str:
    if row is None:
        return ""
    try:
        with storage.store().open(row.key) as file:
            peaks = read_dat(file.read())
    except (storage.ObjectMissing, ValueError):
        return ""
    return drawing.waveform(peaks.low, peaks.high, peaks.rate / peaks.samples_per_pixel, seconds, WAVE_HEIGHT)
