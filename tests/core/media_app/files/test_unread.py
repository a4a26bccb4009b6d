"""What a file holds and Studio does not use is refused or named, never dropped without a word."""

import pytest

from media_app.core.files.accept import refuse_upload
from media_app.core.files.faults import (
    NeitherPictureNorSound,
    OutOfRange,
    PictureNotDecodable,
    Protected,
    SourceDamaged,
)
from media_app.core.files.probe import MAX_STREAMS, NO_SOUND
from tests.core.media_app.test_probe import audio, info, video

UNKNOWN = {"codec_name": "unknown", "pix_fmt": None}


@pytest.mark.parametrize(
    ("letters", "name"),
    [
        ("aprn", "Apple ProRes RAW, aprn"), ("aprh", "Apple ProRes RAW HQ, aprh"), ("CRAW", "Canon RAW, CRAW"),
        ("apv1", "Samsung APV, apv1"), ("zzzz", "zzzz"), ("ac-4", "Dolby AC-4, ac-4"),
    ],
)  # fmt: skip
def test_a_camera_whose_picture_cannot_be_decoded_never_becomes_its_sound(letters, name):
    with pytest.raises(
        PictureNotDecodable, match=rf"\({name}\) cannot be decoded here. Export it as ProRes 422 or H.264"
    ):
        info(video(**UNKNOWN, codec_tag_string=letters), audio())


def test_without_sound_such_a_picture_is_refused_with_the_same_words():
    with pytest.raises(NeitherPictureNorSound, match="Apple ProRes RAW, aprn"):
        info(video(**UNKNOWN, codec_tag_string="aprn"))


def test_nor_does_one_whose_beginning_is_missing():
    with pytest.raises(SourceDamaged, match=r"The picture of this file \(\w+\) cannot be read"):
        info(video(width=0, height=0), audio())


def test_an_unknown_cover_does_not_stop_a_song():
    assert info(audio(index=0), video(**UNKNOWN, index=1, disposition={"attached_pic": 1})).audio.index == 0


def test_a_track_that_cannot_be_decoded_is_named_and_the_others_are_heard():
    spatial = audio(index=2, codec_name="unknown", codec_tag_string="apac", disposition={})
    found = info(video(), audio(), spatial)
    assert [sound.index for sound in found.sounds] == [1]
    assert found.warnings == (
        "Audio track 2 (Apple spatial audio, apac) cannot be decoded here: it is neither heard nor measured. The edit points "
        "at the original, which has it.",
    )


def test_a_second_picture_is_named_and_no_sound_is_said_once():
    still = video(index=2, width=4000, height=3000, nb_frames="1")
    found = info(video(nb_frames="90", disposition={}), still)
    assert found.video.index == 0
    assert [warning.split(" (")[0] for warning in found.warnings] == ["The file has a second picture", NO_SOUND]


@pytest.mark.parametrize("letters", ["encv", "drms", "drmi", "aavd"])
def test_encrypted_streams_are_refused_as_such(letters):
    with pytest.raises(Protected, match="encrypted"):
        info(audio(index=0, codec_tag_string=letters))


def test_encryption_that_matroska_declares_is_seen():
    with pytest.raises(Protected):
        info(video(side_data_list=[{"side_data_type": "Encryption initialization data"}]), audio())


def test_subtitles_do_not_count_as_pictures_or_sound():
    subtitles = [{"index": n, "codec_type": "subtitle", "time_base": "1/1000"} for n in range(2, 130)]
    assert len(info(video(), audio(), *subtitles).unused) == 128
    tracks = [audio(index=n) for n in range(1, MAX_STREAMS + 1)]
    with pytest.raises(OutOfRange, match="65 pictures and audio tracks; Studio takes at most 64"):
        info(video(), *tracks)


@pytest.mark.parametrize(
    ("video_s", "audio_s", "end"),
    [("12", "12", 12), ("60", "12", 60), (None, "12", 60), ("90", "12", 60)],
    ids=["a stale movie header", "the longer one", "one not said", "before its edit list"],
)
def test_a_file_ends_where_the_streams_in_use_end(video_s, audio_s, end):
    assert info(video(duration=video_s), audio(duration=audio_s)).declared_end == end


@pytest.mark.parametrize(
    "name",
    [
        "👨\u200d👩\u200d👧.mp4", "می\u200cروم.mov", "\u200eVID-20260101-WA0001.mp4", "VID.mp4\u200e", "\u200fسلام.mp4", "🏴\U000e0067\U000e007f.mp4",
    ],
)  # fmt: skip
def test_joiners_and_direction_marks_belong_to_names(name):
    assert refuse_upload(name, "video/mp4", 1, max_bytes=9) is None


@pytest.mark.parametrize("name", ["a\u202egpj.mp4", "a\u2066b.mp4", "a\u2028b.mp4", "a\u00adb.mp4"])
def test_characters_that_make_a_name_look_like_another_are_refused(name):
    assert "invisible" in refuse_upload(name, "video/mp4", 1, max_bytes=9).message


def test_a_name_of_marks_alone_is_none():
    assert "no name" in refuse_upload("\u200e\u200d", "", 1, max_bytes=9).message


@pytest.mark.parametrize(
    ("name", "what"), [("GS01.360", "GoPro Player"), ("V.INSV", "Insta360 Studio"), ("A.braw", "DaVinci")]
)
def test_what_a_camera_s_own_program_must_open_first_has_its_own_sentence(name, what):
    assert what in refuse_upload(name, "video/mp4", 1, max_bytes=9).message
