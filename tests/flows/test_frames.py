"""Grabbed frames are the ones on the screen: at 25, 29.97 and 59.94, without a rate, in a picture that starts late, in a
container that seeks badly."""

import bisect
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from media_app.core.files.faults import NotUsable
from media_app.making import stills as making
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import media

DROPS = "select='not(eq(mod(n\\,7)\\,3)+eq(mod(n\\,5)\\,1))'"
FOOTAGE = {
    "25": lambda: media.slate(seconds=4, rate="25"),
    "29.97": lambda: media.slate(seconds=4, rate="30000/1001"),
    "59.94": lambda: media.slate(seconds=3, rate="60000/1001"),
    "variable": lambda: media.slate(
        "vfr.mp4", seconds=4, rate="30", video_filter=DROPS, output=("-fps_mode", "passthrough")
    ),
    "late": lambda: media.slate("late.mp4", seconds=3, video_late=0.48),
    "transport stream": lambda: media.slate("s.ts", seconds=4, rate="25"),
}


def code_of(picture: Path) -> int | None:
    """The number in a grabbed picture."""
    size = media.probe(picture)["streams"][0]
    argv = ["ffmpeg", "-v", "error", "-i", str(picture), "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    grey = np.frombuffer(subprocess.run(argv, check=True, capture_output=True).stdout, np.uint8)
    return media.read_frame_code(grey.reshape(size["height"], size["width"]))


@pytest.mark.parametrize("name", FOOTAGE)
def test_each_frame_is_the_one_on_the_screen_also_right_at_its_edges(name, tmp_path):
    clip = FOOTAGE[name]()
    times, codes = media.frame_times(clip), media.frame_codes(clip)
    chosen = [len(times) // 3, len(times) // 3 + 1, len(times) - 2]
    asked = [
        0.0,
        *(times[index] + edge for index in chosen for edge in (-0.0006, -0.0004, 0.0, 0.01)),
        times[-1] + 0.02,
    ]
    made = making.stills(clip, inspect(clip), [Fraction(round(t * 10**6), 10**6) for t in asked], Workspace(tmp_path))

    shown = [max(0, bisect.bisect_right(times, round(t, 6) + 0.0005 + 1e-7) - 1) for t in asked]
    assert [file.meta["frame_index"] for file in made.files] == shown
    assert [code_of(file.path) for file in made.files] == [codes[index] for index in shown]
    assert [file.start_ms for file in made.files] == pytest.approx(
        [1000 * max(0, times[index]) for index in shown], abs=0.01
    )


def test_a_seek_that_misses_is_made_good_by_reading_from_the_beginning(tmp_path, monkeypatch):
    clip = FOOTAGE["25"]()
    real = making.build.still_args
    monkeypatch.setattr(
        making.build, "still_args", lambda *args, seek: real(*args, seek=Fraction(39, 10) if seek else seek)
    )
    made = making.stills(clip, inspect(clip), [Fraction(3, 2), Fraction(8, 5)], Workspace(tmp_path))
    assert [code_of(file.path) for file in made.files] == [37, 40]


def test_sound_alone_has_no_frame_to_grab(tmp_path):
    clip = media.slate("sound.wav", seconds=1, video=None, audio=media.PCM)
    with pytest.raises(NotUsable, match="no picture"):
        making.stills(clip, inspect(clip), [Fraction(0)], Workspace(tmp_path))
