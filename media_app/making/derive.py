"""One local original → what review needs, from one decode: proxy, thumbnail, WAV and peaks.

Damage. A corrupt packet in an hour of picture must not cost the hour, so ffmpeg conceals or leaves out what it cannot
decode, the constant rate repeats a picture there and the sound is filled with silence to keep its time. A file that ends
early must fail, though ffmpeg would call it a success. So the times of all packets are read first (`inspect`) and held
against the length that the container declares, and what was made is held against the packets.
"""

from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from media_app.audio import open_wav
from media_app.core import ffmpeg as build
from media_app.core import kinds
from media_app.making.checks import check_picture, check_sound, streams_of, too_long
from media_app.making.explain import decoding_doubts
from media_app.making.files import DerivedFile, Outputs, describe
from media_app.making.inspect import Inspection
from media_app.making.original import run_over_original
from media_app.making.peaks import PEAKS, PeakFollower, peaks_of
from media_app.making.workspace import Workspace

STEP = "making proxy and sound"


def derive(path: Path, found: Inspection, work: Workspace, *, settings: build.ProxySettings | None = None) -> Outputs:
    """Make proxy, thumbnail, WAV and peaks of `path` in the workspace's empty folder, from one decode.

    What a file has not is not made: no picture, no proxy and thumbnail; no sound, no WAV and peaks.
    Raises SourceDamaged when an output is shorter or longer than the packets say, and as `process.run`.
    """
    source = found.source(path)
    out = build.ReviewFiles(work.folder / "proxy.mp4", work.folder / "thumbnail.jpg", work.folder / "audio.wav")
    rate = build.proxy_rate(source.rate) if source.rate else None
    still_at = int(found.duration * rate / 10) if rate else 0
    settings = settings or build.ProxySettings()
    args = build.review_args(source, out, rate=rate, thumbnail_frame=still_at, settings=settings)
    files: list[DerivedFile] = []
    with ThreadPoolExecutor(2) as executor:
        follower = PeakFollower(out.wav) if source.audio else None
        peaks = executor.submit(follower.run) if follower else None
        try:
            finished = run_over_original(args, found, work, STEP)
        finally:
            if follower:
                follower.complete()
        commands = [finished.argv]
        if source.video:
            files += _picture_files(out, found, rate or Fraction(25), work, executor)
        if peaks:
            if _filled_twice(out.wav, found):
                commands.append(_decode_sound_again(source, out.wav, found, work))
                peaks = executor.submit(peaks_of, out.wav)
            files += _sound_files(out.wav, peaks, found)
    doubts = (*found.info.warnings, *decoding_doubts(finished.stderr_tail))
    return Outputs(tuple(files), warnings=doubts, commands=tuple(commands))


def _picture_files(
    out: build.ReviewFiles, found: Inspection, rate: Fraction, work: Workspace, executor: Executor
) -> list[DerivedFile]:
    """Proxy and thumbnail, hashed while ffprobe looks at the proxy."""
    described = executor.submit(lambda: (describe(kinds.PROXY, out.proxy), describe(kinds.THUMBNAIL, out.thumbnail)))
    meta = check_picture(streams_of(out.proxy, work), found, rate)
    proxy, still = described.result()
    return [replace(proxy, meta=meta), still]


def _filled_twice(wav: Path, found: Inspection) -> bool:
    """Is there more sound than the packets hold, as when it changes its form in mid-file (see `SoundStart`)?"""
    with open_wav(wav) as made:
        return too_long(Fraction(made.frames, made.rate), found)


def _decode_sound_again(source: build.Source, wav: Path, found: Inspection, work: Workspace) -> tuple[str, ...]:
    """The sound alone, with its late start as silence of a fixed length."""
    delayed = replace(source, sound=replace(source.sound, delay=found.audio_start))
    return run_over_original(build.sound_args(delayed, wav, channels=2), found, work, STEP).argv


def _sound_files(wav: Path, peaks: Future[dict[int, bytes]], found: Inspection) -> list[DerivedFile]:
    assert found.sound
    with open_wav(wav) as sound:
        check_sound(Fraction(sound.frames, sound.rate), found, found.sound)
        meta = {"rate": sound.rate, "channels": sound.channels, "frames": sound.frames, "duration": sound.seconds}
    files = [describe(kinds.AUDIO_WAV, wav, meta)]
    for per_second, data in peaks.result().items():
        out = wav.with_name(f"waveform-{per_second}.dat")
        out.write_bytes(data)
        meta = {"points_per_second": per_second, "samples_per_pixel": PEAKS[per_second], "bits": 8}
        files.append(describe(kinds.WAVEFORM, out, meta, variant=str(per_second)))
    return files
