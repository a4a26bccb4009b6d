"""AWS MediaConvert's job settings as a pure function: the same ladder as the embedded packager's, made elsewhere."""

from collections.abc import Sequence
from typing import Any

from render_app.core.hls import SEGMENT_S
from render_app.core.ladder import AUDIO_KBITS, Rung

#: For files that nobody mastered: EBU R 128's level for the web.
TARGET_LKFS = -16.0


def job_settings(
    source_url: str, destination_url: str, rungs: Sequence[Rung], *, audio: bool, mastered: bool
) -> dict[str, Any]:
    """The `Settings` of CreateJob for a CMAF package with HLS playlists at `destination_url`.

    A mastered file's loudness was set with care, and a second normalisation would take its loud opener down: so
    `AudioNormalizationSettings` is given for other files alone.
    """
    outputs = [_picture(rung) for rung in rungs]
    source: dict[str, Any] = {
        "FileInput": source_url,
        "TimecodeSource": "ZEROBASED",
        "VideoSelector": {"Rotate": "AUTO"},
    }
    if audio:
        source["AudioSelectors"] = {"Audio Selector 1": {"DefaultSelection": "DEFAULT"}}
        outputs.append(_sound(mastered=mastered))
    return {
        "TimecodeConfig": {"Source": "ZEROBASED"},
        "Inputs": [source],
        "OutputGroups": [
            {
                "Name": "CMAF",
                "OutputGroupSettings": {
                    "Type": "CMAF_GROUP_SETTINGS",
                    "CmafGroupSettings": {
                        "Destination": destination_url,
                        "SegmentLength": SEGMENT_S,
                        "FragmentLength": SEGMENT_S,
                        "SegmentControl": "SINGLE_FILE",
                        "WriteHlsManifest": "ENABLED",
                        "WriteDashManifest": "DISABLED",
                        "StreamInfResolution": "INCLUDE",
                    },
                },
                "Outputs": outputs,
            }
        ],
    }


def _picture(rung: Rung) -> dict[str, Any]:
    return {
        "NameModifier": f"_{rung.name}",
        "ContainerSettings": {"Container": "CMFC"},
        "VideoDescription": {
            "Width": rung.width,
            "Height": rung.height,
            "ScalingBehavior": "DEFAULT",
            "CodecSettings": {
                "Codec": "H_264",
                "H264Settings": {
                    "RateControlMode": "QVBR",
                    "QvbrSettings": {"QvbrQualityLevel": 7},
                    "MaxBitrate": rung.peak_kbits * 1000,
                    "GopSize": SEGMENT_S,
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
    }


def _sound(*, mastered: bool) -> dict[str, Any]:
    described: dict[str, Any] = {
        "AudioSourceName": "Audio Selector 1",
        "CodecSettings": {
            "Codec": "AAC",
            "AacSettings": {"Bitrate": AUDIO_KBITS * 1000, "CodingMode": "CODING_MODE_2_0", "SampleRate": 48000},
        },
    }
    if not mastered:
        described["AudioNormalizationSettings"] = {
            "Algorithm": "ITU_BS_1770_3",
            "AlgorithmControl": "CORRECT_AUDIO",
            "TargetLkfs": TARGET_LKFS,
            "TruePeakLimiterThreshold": -1.5,
        }
    return {
        "NameModifier": "_a",
        "ContainerSettings": {"Container": "CMFC"},
        "AudioDescriptions": [described],
    }
