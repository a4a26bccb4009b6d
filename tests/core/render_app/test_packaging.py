"""The ladder, ffmpeg's arguments for it, MediaConvert's settings, and playlists with links."""

from fractions import Fraction
from pathlib import Path

import pytest

from media_app.core.ffmpeg import Source
from media_app.core.files.media_info import AudioStream, VideoStream
from render_app.core import hls
from render_app.core.ladder import ladder
from render_app.core.mediaconvert import job_settings

FULL_HD = ladder(1920, 1080, Fraction(25))
VIDEO = VideoStream(
    0, "h264", 1920, 1080, 1920, 1080, 0, Fraction(1), "yuv420p", Fraction(25), Fraction(25), Fraction(1, 12800),
    Fraction(0), None, "progressive", "", "", "", "",
)  # fmt: skip
AUDIO = AudioStream(1, "aac", 48000, 2, "stereo", Fraction(1, 48000), Fraction(0), None, "the only one")


@pytest.mark.parametrize(
    ("size", "sizes"),
    [
        ((1920, 1080), [(1920, 1080), (1280, 720), (852, 480)]),
        ((3840, 2160), [(1920, 1080), (1280, 720), (852, 480)]),
        ((1080, 1920), [(1080, 1920), (720, 1280), (480, 852)]),
        ((320, 180), [(320, 180), (212, 120), (142, 80)]),
    ],
)
def test_three_rungs_and_none_above_the_picture(size, sizes):
    assert [(rung.width, rung.height) for rung in ladder(*size, Fraction(25))] == sizes


def test_each_rung_takes_less_and_fits_its_level():
    kbits = [rung.kbits for rung in FULL_HD]
    assert kbits == sorted(kbits, reverse=True)
    assert [rung.level for rung in FULL_HD] == ["4", "3.1", "3"]


def test_one_decode_feeds_all_rungs_with_key_frames_together():
    args = hls.package_args(Source(Path("/s/in.mp4"), VIDEO, AUDIO), FULL_HD, Fraction(25))
    text = " ".join(args)
    assert text.count("-i file:/s/in.mp4") == 1
    assert "split=3[p0][p1][p2]" in text
    assert "-g 100 -keyint_min 100 -sc_threshold 0" in text
    assert args[args.index("-var_stream_map") + 1] == (
        "v:0,agroup:sound,name:v0 v:1,agroup:sound,name:v1 v:2,agroup:sound,name:v2 a:0,agroup:sound,default:yes,name:a"
    )


def test_a_mute_picture_has_no_sound_group():
    args = hls.package_args(Source(Path("/s/in.mp4"), VIDEO), FULL_HD, Fraction(25))
    assert args[args.index("-var_stream_map") + 1] == "v:0,name:v0 v:1,name:v1 v:2,name:v2"


def test_the_master_playlist_says_what_the_segments_really_take():
    master = (
        '#EXTM3U\n#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="s",URI="a.m3u8"\n'
        '#EXT-X-STREAM-INF:BANDWIDTH=1,RESOLUTION=320x180,AUDIO="s"\nv0.m3u8\n'
    )
    picture = "#EXTINF:4.0,\n#EXT-X-BYTERANGE:1000@800\nv0.m4s\n#EXTINF:2.0,\n#EXT-X-BYTERANGE:2000@1800\nv0.m4s\n"
    sound = "#EXTINF:6.0,\n#EXT-X-BYTERANGE:600@0\na.m4s\n"
    rewritten = hls.with_true_bandwidths(master, {"v0.m3u8": picture, "a.m3u8": sound})
    assert "#EXT-X-STREAM-INF:BANDWIDTH=8800,AVERAGE-BANDWIDTH=4800,RESOLUTION=320x180" in rewritten
    assert rewritten.count("\n") == master.count("\n")


def test_a_playlist_links_its_media_and_leaves_playlists_beside_it():
    text = '#EXTM3U\n#EXT-X-MAP:URI="v0.m4s",BYTERANGE="819@0"\n#EXTINF:4.0,\nv0.m4s\nv1.m3u8\n'
    assert hls.linked(text, lambda name: f"https://store/{name}?sig") == (
        '#EXTM3U\n#EXT-X-MAP:URI="https://store/v0.m4s?sig",BYTERANGE="819@0"\n#EXTINF:4.0,\nhttps://store/v0.m4s?sig\nv1.m3u8\n'
    )


def test_mediaconvert_gets_the_same_ladder_to_the_letter():
    settings = job_settings("s3://b/in.mp4", "s3://b/p/master", FULL_HD[:1], audio=True, mastered=False)
    assert settings == {
        "TimecodeConfig": {"Source": "ZEROBASED"},
        "Inputs": [
            {
                "FileInput": "s3://b/in.mp4",
                "TimecodeSource": "ZEROBASED",
                "VideoSelector": {"Rotate": "AUTO"},
                "AudioSelectors": {"Audio Selector 1": {"DefaultSelection": "DEFAULT"}},
            }
        ],
        "OutputGroups": [
            {
                "Name": "CMAF",
                "OutputGroupSettings": {
                    "Type": "CMAF_GROUP_SETTINGS",
                    "CmafGroupSettings": {
                        "Destination": "s3://b/p/master",
                        "SegmentLength": 4,
                        "FragmentLength": 4,
                        "SegmentControl": "SINGLE_FILE",
                        "WriteHlsManifest": "ENABLED",
                        "WriteDashManifest": "DISABLED",
                        "StreamInfResolution": "INCLUDE",
                    },
                },
                "Outputs": [
                    {
                        "NameModifier": "_v0",
                        "ContainerSettings": {"Container": "CMFC"},
                        "VideoDescription": {
                            "Width": 1920,
                            "Height": 1080,
                            "ScalingBehavior": "DEFAULT",
                            "CodecSettings": {
                                "Codec": "H_264",
                                "H264Settings": {
                                    "RateControlMode": "QVBR",
                                    "QvbrSettings": {"QvbrQualityLevel": 7},
                                    "MaxBitrate": 6609000,
                                    "GopSize": 4,
                                    "GopSizeUnits": "SECONDS",
                                    "SceneChangeDetect": "DISABLED",
                                    "CodecProfile": "HIGH",
                                    "FramerateControl": "INITIALIZE_FROM_SOURCE",
                                    "ParControl": "SPECIFIED",
                                    "ParNumerator": 1,
                                    "ParDenominator": 1,
                                },
                            },
                        },
                    },
                    {
                        "NameModifier": "_a",
                        "ContainerSettings": {"Container": "CMFC"},
                        "AudioDescriptions": [
                            {
                                "AudioSourceName": "Audio Selector 1",
                                "CodecSettings": {
                                    "Codec": "AAC",
                                    "AacSettings": {
                                        "Bitrate": 128000,
                                        "CodingMode": "CODING_MODE_2_0",
                                        "SampleRate": 48000,
                                    },
                                },
                                "AudioNormalizationSettings": {
                                    "Algorithm": "ITU_BS_1770_3",
                                    "AlgorithmControl": "CORRECT_AUDIO",
                                    "TargetLkfs": -16.0,
                                    "TruePeakLimiterThreshold": -1.5,
                                },
                            }
                        ],
                    },
                ],
            }
        ],
    }


def test_mediaconvert_leaves_a_mastered_loudness_alone():
    plain = job_settings("s3://b/in.mp4", "s3://b/p/m", FULL_HD, audio=True, mastered=False)
    mastered = job_settings("s3://b/in.mp4", "s3://b/p/m", FULL_HD, audio=True, mastered=True)
    assert "AudioNormalizationSettings" in str(plain)
    assert "AudioNormalizationSettings" not in str(mastered)
