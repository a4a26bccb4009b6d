"""An asset's sound, to read block by block."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import Any

from media_app import storage
from media_app.audio import Wav, open_wav
from media_app.core import kinds
from media_app.core.cards.tracks import JoinedTake
from media_app.core.cards.tracks import from_json as joined_from_json
from media_app.core.files.timecodes import witness_from_json
from media_app.core.sound.heard import Heard, from_json
from media_app.core.time.witness import Witnesses
from media_app.making.explain import file_at_fault
from media_app.making.sound import hear
from media_app.models import MediaAsset
from media_app.services import originals

#: 48 kHz, two channels, 16 bits.
SOUND_BYTES_PER_MS = 192


@contextmanager
def sound_of(asset: MediaAsset, scratch: Path, *, cancelled: Callable[[], bool] | None = None) -> Iterator[Wav]:
    """An asset's 48 kHz sound, to read block by block. Raises as `sound_file_of`."""
    with (
        sound_file_of(asset, scratch, cancelled=cancelled) as path,
        open_wav(path, asset.camera_key) as wav,
    ):
        yield wav


@contextmanager
def sound_file_of(asset: MediaAsset, scratch: Path, *, cancelled: Callable[[], bool] | None = None) -> Iterator[Path]:
    """An asset's 48 kHz sound as a local WAV. One that the lifecycle took is made again from the original.

    Raises ObjectMissing when the original is gone too, CannotSucceed when it is to blame.
    """
    store = storage.store()
    kept = asset.derivatives.filter(kind=kinds.AUDIO_WAV.name).first()
    with ExitStack() as held:
        if kept is not None and kept.expired_at is None and store.head(kept.key) is not None:
            path = held.enter_context(store.local_copy(kept.key, scratch))
        else:
            original = held.enter_context(originals.local_copy(asset, scratch))
            with file_at_fault():
                path = hear(original, scratch, heard=heard_of(asset), cancelled=cancelled).wav
        yield path


def sound_bytes(asset: MediaAsset) -> int:
    """Bytes of scratch that `sound_of` may need."""
    store = storage.store()
    kept = asset.derivatives.filter(kind=kinds.AUDIO_WAV.name, expired_at=None).first()
    if kept is not None:
        return store.copied_bytes(kept.size_bytes)
    channels = sum(max(2, len(track["channels"])) for track in asset.tracks)
    return store.copied_bytes(asset.size_bytes) + (asset.duration_ms or 0) * (SOUND_BYTES_PER_MS + 96 * channels)


def seconds_of(asset: MediaAsset) -> float:
    """How long a file lasts to the next chapter of its recording: by its frames where it has a picture of constant rate."""
    frames = None if asset.variable_frame_rate else (asset.media_info or {}).get("frames")
    if asset.kind == MediaAsset.Kind.VIDEO and frames and asset.fps:
        return float(frames / Fraction(asset.fps))
    return (asset.duration_ms or 0) / 1000


def heard_of(asset: MediaAsset) -> Heard | None:
    """What is listened to of an asset's sound, once it has been ingested."""
    return from_json(asset.heard) if asset.heard else None


def joined_of(asset: MediaAsset) -> JoinedTake:
    """What an asset's file was joined from; nothing where it came as it is."""
    return joined_from_json(asset.joined)


def chosen_by_hand(asset: MediaAsset) -> dict[str, Any] | None:
    """What a person chose to hear of an asset, for the keys of what is made of it; None where Studio chose."""
    heard = heard_of(asset)
    if heard is None or not heard.is_by_hand:
        return None
    return {"stream": heard.stream, "channels": list(heard.channels), "how": heard.how}


def is_timecode_only(asset: MediaAsset) -> bool:
    """Whether nothing but LTC was found in an asset's sound."""
    heard = heard_of(asset)
    return heard is not None and not heard.channels


def witnesses_of(asset: MediaAsset) -> Witnesses:
    """What an ingested file says of its time, besides its sound."""
    info = asset.media_info or {}
    created = info.get("created")
    return Witnesses(
        asset.camera_key,
        tuple(witness_from_json(stored) for stored in info.get("timecodes", ())),
        None if created is None else Fraction(created).limit_denominator(1000),
        Fraction(asset.duration_ms or 0, 1000),
    )
