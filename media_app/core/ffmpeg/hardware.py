"""Encoders of graphics hardware: how each is asked for one picture, and what its refusal means."""

import re
from dataclasses import dataclass

FORMAT = "format=nv12"
#: Larger than the smallest picture of every one of them, and of whole macroblocks.
PICTURE = "color=gray:s=640x352:r=25"


@dataclass(frozen=True, slots=True)
class HardwareEncoder:
    """`name` as ffmpeg has it; `device` opens what it encodes on, where that is not its own affair; `filters` bring pictures there."""

    name: str
    label: str
    device: tuple[str, ...] = ()
    filters: str = FORMAT

    def trial_args(self) -> list[str]:
        """One made picture through the encoder, the result thrown away."""
        made = ["-f", "lavfi", "-i", PICTURE, "-frames:v", "1", "-vf", self.filters]
        return [*self.device, *made, "-c:v", self.name, "-f", "null", "-"]


@dataclass(frozen=True, slots=True)
class Trial:
    """What came of the one picture; `reason` is ffmpeg's own, empty where it works."""

    encoder: HardwareEncoder
    reason: str = ""

    @property
    def works(self) -> bool:
        return not self.reason

    @property
    def as_json(self) -> dict[str, str | bool]:
        return {"name": self.encoder.name, "label": self.encoder.label, "works": self.works, "reason": self.reason}


#: In the order of preference where several work.
HARDWARE = (
    HardwareEncoder("h264_nvenc", "NVIDIA NVENC"),
    HardwareEncoder("h264_qsv", "Intel Quick Sync"),
    HardwareEncoder("h264_videotoolbox", "Apple VideoToolbox"),
    HardwareEncoder(
        "h264_vaapi",
        "VA-API",
        device=("-init_hw_device", "vaapi=gpu", "-filter_hw_device", "gpu"),
        filters=f"{FORMAT},hwupload",
    ),
)

_SPEAKER = re.compile(r"^\[[^\]]* @ 0x[0-9a-f]+\] ")


def reason_of(stderr: str, otherwise: str) -> str:
    """The first line of ffmpeg's complaint without the address of who complains; `otherwise` where it said nothing."""
    lines = [_SPEAKER.sub("", line).strip() for line in stderr.splitlines()]
    said = next((line for line in lines if line), otherwise)
    return "not in this build of ffmpeg" if said.startswith("Unknown encoder") else said[:200]
