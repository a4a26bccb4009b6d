"""Footage in the colors of another standard: what is made of a known patch."""

import subprocess
from dataclasses import replace

import numpy as np
import pytest

from media_app.core.ffmpeg.picture import to_sdr
from tests.core.media_app.test_ffmpeg import PICTURE

#: Red, green and blue as shares of the luma.
MATRICES = {"smpte170m": (0.299, 0.587, 0.114), "smpte240m": (0.212, 0.701, 0.087), "bt2020nc": (0.2627, 0.678, 0.0593)}
BT709 = (0.2126, 0.7152, 0.0722)
PATCH = np.array([0.7, 0.25, 0.4])


def codes(rgb: np.ndarray, shares: tuple[float, float, float], full: bool = False) -> np.ndarray:
    """A color in YUV of 8 bits, by the formula of ITU-R BT.709 with these shares."""
    red, _, blue = shares
    luma = float(np.dot(rgb, shares))
    chroma = (rgb[2] - luma) / (2 - 2 * blue), (rgb[0] - luma) / (2 - 2 * red)
    steps, begin = ((255, 255), 0) if full else ((219, 224), 16)
    return np.array([begin + steps[0] * luma, *(128 + steps[1] * one for one in chroma)])


@pytest.mark.parametrize("size", [(64, 48), (32, 24), (33, 25)])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("space", list(MATRICES))
def test_a_patch_of_another_matrix_is_the_same_color_in_bt709(space, full, size):
    source = np.rint(codes(PATCH, MATRICES[space], full)).astype(np.uint8)
    raw = b"".join(bytes([code]) * count for code, count in zip(source, (64 * 48, 32 * 24, 32 * 24), strict=True))
    video = replace(PICTURE, pixel_format="yuv420p", color_space=space, color_range="pc" if full else "tv")
    chain = ",".join([*to_sdr(video, size, "yuv444p"), "format=yuv444p"])
    read = ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-color_range", video.color_range, "-s", "64x48", "-i", "pipe:0"]
    done = subprocess.run(
        ["ffmpeg", "-v", "error", *read, "-vf", chain, "-f", "rawvideo", "-"],
        input=raw,
        capture_output=True,
        check=True,
    )
    found = np.frombuffer(done.stdout, np.uint8).reshape(3, size[1], size[0])
    assert np.abs(found - codes(PATCH, BT709)[:, None, None]).max() < 1.2
