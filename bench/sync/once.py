"""One engine on media files in a process of its own, so that its time and memory are its own: `ENGINE FILE FILE…`.

Files are decoded by ffmpeg to 48 kHz stereo WAV first, two at a time, as Studio does; all of it counts.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

HEADER = 44


@dataclass(frozen=True, slots=True)
class WavTrack:
    """A 16-bit stereo WAV with a plain header, read in place."""

    label: str
    handle: int
    frames: int
    rate: int = 48_000

    def read(self, start: int, count: int) -> NDArray[np.float32]:
        """Mono samples in −1..1."""
        pairs = np.frombuffer(os.pread(self.handle, count * 4, HEADER + start * 4), np.int16).reshape(-1, 2)
        mono = pairs[:, 0].astype(np.float32)
        mono += pairs[:, 1]
        mono *= np.float32(1 / 65536)
        return mono


def decoded(source: str, folder: str, label: str) -> WavTrack:
    """Decode one file and open the result."""
    wav = Path(folder) / f"{label}.wav"
    clock = ["-map", "0:a:0", "-af", "aresample=async=1:first_pts=0"]
    shape = ["-ar", "48000", "-ac", "2", "-c:a", "pcm_s16le", "-fflags", "+bitexact", "-bitexact"]
    subprocess.run(["ffmpeg", "-nostdin", "-v", "error", "-i", source, *clock, *shape, str(wav)], check=True)
    return WavTrack(label, os.open(wav, os.O_RDONLY), (wav.stat().st_size - HEADER) // 4)


def main(engine: str, files: list[str]) -> None:
    """Run and print the answer."""
    with tempfile.TemporaryDirectory() as folder:
        labels = [chr(ord("A") + i) for i in range(len(files))]
        with ThreadPoolExecutor(2) as pool:
            tracks = list(pool.map(decoded, files, [folder] * len(files), labels))
        if engine == "Studio":
            from sync_app.core.engine import align

            found = align(tracks, master="A")
            for label, camera in found.cameras.items():
                print(label, camera.offset_ms, camera.confidence, camera.drift_ppm, camera.classification)
        else:
            from bench.sync.peers import PEERS

            for other in tracks[1:]:
                print(PEERS[engine](tracks[0], other))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
