"""What was decoded is counted, and held against the packets."""

from dataclasses import replace
from fractions import Fraction

import pytest

from media_app.core.ffmpeg import video_chain
from media_app.core.files.decoded import Count, counts_of, lost_pictures, lost_sound
from media_app.core.files.faults import SourceDamaged
from media_app.core.time.frames import FrameScan
from media_app.core.time.sound_timing import SoundScan
from tests.core.media_app.test_ffmpeg import PICTURE, SOUND

TAIL = """
  Input stream #0:0 (video): 125 packets read (395073 bytes); 125 frames decoded; 
  Input stream #0:1 (audio): 250 packets read (2575 bytes); 75 frames decoded (12000 samples); 
  Input stream #0:2 (video): 9 packets read (2575 bytes); 8 frames decoded; 1 decode errors; 
"""  # noqa: W291  as ffmpeg writes it
AMR = replace(SOUND, index=1, codec="amr_nb", rate=8000)


def frames_of(count, seconds=Fraction(1, 25)):
    scan = FrameScan(Fraction(1, 1000))
    scan.feed([int(n * seconds * 1000) for n in range(count)], [int(seconds * 1000)] * count)
    return scan.result()


def sound_of(packets, length=160):
    scan = SoundScan("amr_nb", 8000, Fraction(1, 8000))
    scan.feed([length * n for n in range(packets)], [length] * packets, [0] * packets)
    return scan.result()


def test_ffmpeg_s_count_is_read():
    assert counts_of(TAIL) == {
        0: Count(125, 125, 0, 395_073),
        1: Count(250, 75, 12_000, 2575),
        2: Count(9, 8, 0, 2575),
    }
    assert counts_of("nothing") == {}


def test_pictures_that_were_not_decoded_are_counted_in_a_sentence():
    assert lost_pictures(Count(100, 99, 0), frames_of(100)) == lost_pictures(None, frames_of(100)) == ""
    assert lost_pictures(Count(100, 90, 0), frames_of(100)).startswith(
        "10 of the file's 100 pictures could not be decoded"
    )
    with pytest.raises(SourceDamaged, match="Only 3 of the file's 100 pictures"):
        lost_pictures(Count(100, 3, 0), frames_of(100))


def test_pauses_of_a_phone_s_sound_are_named_and_never_refused():
    (said,) = lost_sound(counts_of(TAIL), (AMR,), {1: sound_of(250)})
    assert said.startswith("00:00:03.500 of 00:00:05.000 of the sound (amr_nb) could not be decoded and is silent")
    assert lost_sound({1: Count(250, 0, 0)}, (AMR,), {1: sound_of(250)})
    assert lost_sound({1: Count(250, 245, 39_200)}, (AMR,), {1: sound_of(250)}) == []


def test_a_phone_s_sound_with_several_frames_in_a_packet_is_refused_in_words():
    counts = {1: Count(25, 25, 4000, 25 * 10 * 32)}
    with pytest.raises(SourceDamaged, match="several frames in each packet, of which only the first can be decoded"):
        lost_sound(counts, (AMR,), {1: sound_of(25, length=1600)})


def test_other_sound_of_which_hardly_anything_came_out_is_refused():
    with pytest.raises(SourceDamaged, match=r"Only 00:00:00.500 of 00:00:05.000 of the sound \(aac\)"):
        lost_sound({1: Count(250, 25, 4000)}, (replace(AMR, codec="aac"),), {1: sound_of(250)})


@pytest.mark.parametrize("codec", ["alac", "wmapro", "wmalossless", "opus"])
def test_packets_that_do_not_say_how_long_they_are_last_until_the_next(codec):
    scan = SoundScan(codec, 44_100, Fraction(1, 44_100))
    for start in range(0, 50, 7):
        stamps = [4096 * n for n in range(start, min(start + 7, 50))]
        scan.feed(stamps, [0] * len(stamps), [0] * len(stamps))
    found = scan.result()
    assert (found.end, found.packet, found.carried) == (
        Fraction(50 * 4096, 44_100), Fraction(4096, 44_100), Fraction(50 * 4096, 44_100),
    )  # fmt: skip


def test_a_time_lapse_with_b_frames_does_not_run_back():
    order = [0, 3, 1, 2, 6, 4, 5, 9, 7, 8, 12, 10, 11]
    scan = FrameScan(Fraction(1, 1000), [Fraction(1)])
    scan.feed([1000 * n for n in order], [1000] * 13)
    found = scan.result(Fraction(1))
    assert (found.frames, found.end, found.restarts) == (13, 13, 0)


def test_two_fields_are_one_frame():
    fields = frames_of(200, Fraction(1, 50))
    frames = fields.paired()
    assert (frames.frames, frames.rate, frames.first, frames.end) == (100, 25, 0, 4)
    assert frames.last == Fraction(99, 25)


def test_the_frames_of_a_gap_share_one_picture():
    """The rate comes last: a filter after it would draw each of a minute's 3,600 frames anew."""
    chain = video_chain(PICTURE, (1280, 720), Fraction(60))
    assert chain.split(",")[-1] == "fps=fps=60/1:start_time=0:round=near"
