"""An asset's sound, to read block by block."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from media_app import storage
from media_app.audio import Wav, decode_for_sync, open_wav
from media_app.core import kinds
from media_app.models import MediaAsset
from media_app.services import originals

#: 48 kHz, two channels, 16 bits.
SOUND_BYTES_PER_MS = 192


@contextmanager
def sound_of(asset: MediaAsset, scratch: Path, *, cancelled: Callable[[], bool] | None = None) -> Iterator[Wav]:
    """An asset's 48 kHz sound, to read block by block. A WAV that the lifecycle took is made again from the original.

    Raises ObjectMissing when the original is gone too.
    """
    store = storage.store()
    kept = asset.derivatives.filter(kind=kinds.AUDIO_WAV.name).first()
    with ExitStack() as held:
        if kept is not None and kept.expired_at is None and store.head(kept.key) is not None:
            path = held.enter_context(store.local_copy(kept.key, scratch))
        else:
            original = held.enter_context(originals.local_copy(asset, scratch))
            path = decode_for_sync(original, scratch, channels=2, cancelled=cancelled)
        yield held.enter_context(open_wav(path, asset.camera_label))


def sound_bytes(asset: MediaAsset) -> int:
    """Bytes of scratch that `sound_of` may need."""
    store = storage.store()
    kept = asset.derivatives.filter(kind=kinds.AUDIO_WAV.name, expired_at=None).first()
    if kept is not None:
        return store.copied_bytes(kept.size_bytes)
    return store.copied_bytes(asset.size_bytes) + (asset.duration_ms or 0) * SOUND_BYTES_PER_MS
