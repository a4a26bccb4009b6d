"""Encoders of graphics hardware on this machine, found by asking each for one picture."""

from collections.abc import Sequence
from functools import cache

from media_app.core.ffmpeg.hardware import HARDWARE, HardwareEncoder, Trial, reason_of
from media_app.process.errors import ToolFailed, ToolMissing
from media_app.process.launch import Limits
from media_app.process.tools import ffmpeg

#: Drivers map far more addresses than they ever use: what one process of CUDA maps is beyond what other programs may.
HARDWARE_LIMITS = Limits(cpu_s=20, file_bytes=0, memory_bytes=1 << 44, nice=0)


@cache
def hardware_encoders() -> tuple[Trial, ...]:
    """Every known hardware encoder, each tried once in the life of this process, in the order of preference."""
    return try_encoders(HARDWARE)


def try_encoders(encoders: Sequence[HardwareEncoder]) -> tuple[Trial, ...]:
    """What came of one picture through each. A build that lists an encoder says nothing: the driver and the device decide."""
    return tuple(Trial(encoder, _refusal(encoder)) for encoder in encoders)


def _refusal(encoder: HardwareEncoder) -> str:
    try:
        ffmpeg(encoder.trial_args(), limits=HARDWARE_LIMITS)
    except ToolFailed as error:
        return reason_of(error.stderr_tail, error.reason)
    except ToolMissing as error:
        return str(error)
    return ""
