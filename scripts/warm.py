"""Compile what librosa compiles where it is first used: it is kept beside the package, and no recording waits for it."""

import librosa
import numpy as np

RATE = 22_050


def main() -> None:
    clicks = np.zeros(4 * RATE, dtype=np.float32)
    clicks[:: RATE // 2] = 1.0
    librosa.feature.mfcc(y=clicks, sr=RATE)
    librosa.magphase(librosa.stft(clicks))


if __name__ == "__main__":
    main()
