from fractions import Fraction

import pytest

from media_app.core.files.faults import (
    EmptyFile,
    NeitherPictureNorSound,
    NotMedia,
    OutOfRange,
    SourceDamaged,
    StillImage,
)
from media_app.core.files.first_bytes import refuse_by_first_bytes
from media_app.core.files.media_info import Kind, as_json
from media_app.core.files.probe import read_probe


def video(**changes):
    return {
        "index": 0,
        "codec_type": "video",
        "codec_name": "h264",
        "width": 1920,
        "height": 1080,
        "pix_fmt": "yuv420p",
        "r_frame_rate": "30000/1001",
        "avg_frame_rate": "30000/1001",
        "time_base": "1/30000",
        "start_pts": 0,
        "start_time": "0.000000",
        "field_order": "progressive",
        "disposition": {"default": 1, "attached_pic": 0},
    } | changes


def audio(**changes):
    return {
        "index": 1,
        "codec_type": "audio",
        "codec_name": "aac",
        "sample_rate": "48000",
        "channels": 2,
        "channel_layout": "stereo",
        "time_base": "1/48000",
        "start_pts": 0,
        "duration": "60.0",
        "disposition": {"default": 1},
    } | changes


def info(*streams, **form):
    return read_probe(
        {
            "format": {"format_name": "mov,mp4", "start_time": "0.000000", "duration": "60.0"} | form,
            "streams": list(streams),
        }
    )


def test_an_ordinary_clip_is_read():
    found = info(video(), audio())
    assert found.kind is Kind.VIDEO
    assert found.video.rate == Fraction(30000, 1001)
    assert (found.video.width, found.video.height, found.duration) == (1920, 1080, 60)
    assert found.audio.chosen_because == "is the only sound"
    assert found.warnings == ()


def test_starts_are_counted_from_the_containers_own_zero():
    found = info(
        video(time_base="1/90000", start_pts=126_000 + 7200),
        audio(time_base="1/90000", start_pts=126_000),
        start_time="1.400000",
    )
    assert found.start_time == Fraction(7, 5)
    assert found.video.start == Fraction(8, 100)
    assert found.audio.start == 0


def test_the_containers_rounding_to_a_microsecond_does_not_show():
    found = info(video(time_base="1/90000", start_pts=1), start_time="0.000011")
    assert found.video.start == 0


@pytest.mark.parametrize(
    ("written", "turned", "shape"), [(-90, 90, (1080, 1920)), (90, 270, (1080, 1920)), (180, 180, (1920, 1080))]
)
def test_rotation_is_clockwise_and_swaps_the_shown_size(written, turned, shape):
    found = info(video(side_data_list=[{"side_data_type": "Display Matrix", "rotation": written}]))
    assert found.video.rotation == turned
    assert (found.video.width, found.video.height) == shape
    assert (found.video.coded_width, found.video.coded_height) == (1920, 1080)


def test_anamorphic_pictures_are_measured_as_shown():
    found = info(video(width=1440, height=1080, sample_aspect_ratio="4:3"))
    assert (found.video.width, found.video.height) == (1920, 1080)


@pytest.mark.parametrize("aspect", ["0:1", "1:0", "N/A", "1000:1", ""])
def test_a_nonsense_sample_aspect_counts_as_square(aspect):
    assert info(video(sample_aspect_ratio=aspect)).video.width == 1920


def test_cover_art_is_no_picture():
    found = info(audio(index=0), video(index=1, codec_name="mjpeg", disposition={"attached_pic": 1}))
    assert found.kind is Kind.AUDIO
    assert found.video is None


def test_of_two_pictures_the_default_and_then_the_largest_is_taken():
    small, large = video(index=0, width=640, height=360), video(index=2)
    assert info(small, large).video.index == 2
    assert info(small, large | {"disposition": {"default": 0}}).video.index == 0


@pytest.mark.parametrize(
    ("other", "because"),
    [
        (audio(index=2, duration="5.0"), "is whole"),
        (audio(index=2, disposition={"comment": 1, "default": 1}), "is the main sound"),
        (audio(index=2, channels=6, disposition={"default": 0}), "is marked default"),
        (audio(index=2, channels=1), "has most channels"),
        (audio(index=2), "comes first"),
    ],
)
def test_of_several_sounds_one_is_chosen_for_a_reason(other, because):
    found = info(video(), audio(), other)
    assert (found.audio.index, found.audio.chosen_because) == (1, because)


def test_sound_in_an_unknown_form_is_passed_over():
    unknown = audio(index=2, channels=4) | {"codec_name": "unknown"}
    assert info(video(), unknown, audio()).audio.index == 1


def test_a_picture_without_sound_is_usable_with_a_warning():
    found = info(video())
    assert found.audio is None
    assert "by hand" in found.warnings[0]


@pytest.mark.parametrize("transfer", ["smpte2084", "arib-std-b67"])
def test_hdr_is_known_by_its_transfer(transfer):
    assert info(video(color_transfer=transfer)).video.hdr
    assert not info(video(color_transfer="bt709")).video.hdr


def test_timecode_is_found_on_the_picture_the_timecode_track_and_the_container():
    track = {"index": 2, "codec_type": "data", "codec_tag_string": "tmcd", "tags": {"timecode": "01:00:00;02"}}
    assert info(video(), track).timecode == "01:00:00;02"
    assert info(video(tags={"timecode": "10:00:00:00"})).timecode == "10:00:00:00"
    assert info(video(), tags={"TIMECODE": "02:00:00.00"}).timecode == "02:00:00;00"
    assert info(video(tags={"timecode": "soon"})).timecode is None


def test_a_recorders_time_reference_is_samples_since_midnight():
    found = info(audio(index=0), tags={"time_reference": str(48_000 * 3600)})
    assert found.seconds_of_day == 3600


def test_everything_about_a_file_fits_a_json_column():
    import json

    found = as_json(info(video(sample_aspect_ratio="4:3"), audio()))
    assert json.loads(json.dumps(found)) == found
    assert found["video"]["declared_rate"] == "30000/1001"


@pytest.mark.parametrize(
    "streams",
    [
        [{"index": 0, "codec_type": "data"}],
        [{"index": 0, "codec_type": "subtitle", "codec_name": "srt"}],
        [video(codec_name="unknown")],
        [video(width=0)],
    ],
)
def test_neither_picture_nor_sound_is_refused(streams):
    with pytest.raises(NeitherPictureNorSound):
        info(*streams)


def test_a_file_that_names_no_stream_is_taken_for_a_cut_one():
    with pytest.raises(SourceDamaged, match="cut"):
        info()


@pytest.mark.parametrize(
    ("streams", "form"),
    [
        ([video(width=20_000, height=100)], {}),
        ([video(width=16_000, height=16_000)], {}),
        ([video(avg_frame_rate="1000000/1")], {}),
        ([audio(sample_rate="4000000000")], {}),
        ([audio(sample_rate="1")], {}),
        ([audio(channels=255)], {}),
        ([audio()], {"duration": "9223372036854"}),
        ([audio(index=n) for n in range(65)], {}),
    ],
)
def test_what_no_camera_makes_is_refused(streams, form):
    with pytest.raises(OutOfRange):
        info(*streams, **form)


def test_missing_and_odd_values_do_no_harm():
    found = read_probe(
        {
            "streams": [
                video(start_pts="N/A", time_base="0/0", avg_frame_rate="0/0", r_frame_rate="90000/1"),
                audio(duration="N/A"),
            ]
        }
    )
    assert found.duration is None
    assert found.video.average_rate is None


@pytest.mark.parametrize(
    ("head", "refusal"),
    [
        (b"", EmptyFile),
        (b"\0" * 64, NotMedia),
        (b"\x89PNG\r\n\x1a\n", StillImage),
        (b"\xff\xd8\xff\xe0", StillImage),
        (b"\0\0\0\x18ftypheic", StillImage),
        (b"\0\0\0\x18ftypavif", StillImage),
        (b"\0\0\0\x18ftyphevc", StillImage),
        (b"\0\0\0\x18ftypmsf1", StillImage),
        (b"\0\0\0\x0cJXL \r\n\x87\n", StillImage),
        (b"\0\0\0\x0cjP  \r\n\x87\n", StillImage),
        (b"RIFF\0\0\0\0WEBP", StillImage),
        (b"%PDF-1.7", NotMedia),
        (b"#EXTM3U\n", NotMedia),
        (b"\xef\xbb\xbf  <!DOCTYPE html>", NotMedia),
        (b"PK\x03\x04", NotMedia),
        (b"ffconcat version 1.0", NotMedia),
        (b"DSD \x1c\0\0\0", NotMedia),
        (b"wvpk", NotMedia),
        (b"\0\0\1\x54moof", NotMedia),
    ],
)
def test_the_first_bytes_give_away_what_is_no_recording(head, refusal):
    with pytest.raises(refusal):
        refuse_by_first_bytes(head, len(head))


@pytest.mark.parametrize(
    "head", [b"\0\0\0\x18ftypisom", b"RIFF\0\0\0\0WAVE", b"\x1aE\xdf\xa3", b"ID3\x03", b"BM not a picture", b"G@\0\x10"]
)
def test_the_first_bytes_of_recordings_pass(head):
    refuse_by_first_bytes(head, 1000)
