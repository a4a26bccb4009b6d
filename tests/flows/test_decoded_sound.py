"""The sound that engines hear: in its samples, mono, at 16 kHz, whatever the file is."""

import numpy as np
import pytest

from media_app.core.files.faults import NotUsable
from media_app.making.decoded import decoded, decoded_bytes
from media_app.making.inspect import inspect
from media_app.making.workspace import Workspace
from tests.support import media


@pytest.mark.parametrize("codec", [media.PCM, media.AAC], ids=["pcm", "aac"])
def test_a_click_stays_where_it_is_and_the_length_is_exact(codec, tmp_path):
    clip = media.slate("heard.mov", seconds=3, video=None, audio=codec)
    with decoded(clip, inspect(clip), Workspace(tmp_path)) as sound:
        samples = np.concatenate(list(sound.blocks(1000)))
        assert (sound.rate, samples.dtype) == (16_000, np.float32)
        assert abs(sound.frames - 48_000) <= (1 if codec == media.PCM else 400)
    found = media.click_times(np.interp(np.arange(3 * 48_000) / 3, np.arange(len(samples)), samples), 48_000)
    assert found == pytest.approx([0.25, 1, 2], abs=0.0005)
    assert not list(tmp_path.glob("*.wav"))


def test_the_scratch_that_is_reserved_is_enough(tmp_path):
    clip = media.slate("heard.mov", seconds=3, video=None, audio=media.PCM)
    found = inspect(clip)
    with decoded(clip, found, Workspace(tmp_path), rate=48_000, channels=2) as sound:
        assert sound.channels == 2
        assert next(tmp_path.glob("*.wav")).stat().st_size <= decoded_bytes(found, rate=48_000, channels=2)


def test_a_silent_film_has_nothing_to_hear(tmp_path):
    clip = media.slate("mute.mp4", seconds=1, audio=None)
    with pytest.raises(NotUsable, match="no sound"), decoded(clip, inspect(clip), Workspace(tmp_path)):
        pass
