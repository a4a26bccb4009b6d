"""The only module that starts a program: in a process group of its own, niced, with a clean environment and limits."""

from media_app.process.errors import Cancelled, ToolFailed, ToolMissing, ToolStalled
from media_app.process.hardware import hardware_encoders
from media_app.process.launch import Limits, die_with_parent, launched
from media_app.process.observe import observed, run_in_parallel
from media_app.process.run import Finished, run
from media_app.process.supervise import Service, keep_running
from media_app.process.tools import cores, ffmpeg, ffmpeg_version, ffprobe, ffprobe_packets, has_filter, probe_file
from media_app.process.watch import Control

__all__ = [
    "Cancelled",
    "Control",
    "Finished",
    "Limits",
    "Service",
    "ToolFailed",
    "ToolMissing",
    "ToolStalled",
    "cores",
    "die_with_parent",
    "ffmpeg",
    "ffmpeg_version",
    "ffprobe",
    "ffprobe_packets",
    "hardware_encoders",
    "has_filter",
    "keep_running",
    "launched",
    "observed",
    "probe_file",
    "run",
    "run_in_parallel",
]
