"""The one table of the files that Studio makes: what each kind is called, where it lies, and how long it is kept."""

from dataclasses import dataclass

JSON, BINARY = "application/json", "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of file. `name` is what the database stores, `label` what a person reads.

    `folder`: under a project's day, for what every recording has; `group`: under the asset's own prefix, for what engines
    make on request. An empty `extension`: the file's own. `days`: how long the file is kept, None for good, and `reason`
    says why it may go. `shown`: listed next to the recording on its session's page; `own`: for Studio's own work, listed nowhere.
    """

    name: str
    label: str
    extension: str = ""
    content_type: str = BINARY
    folder: str = ""
    group: str = ""
    days: int | None = None
    reason: str = ""
    shown: bool = False
    own: bool = False

    @property
    def lies_in(self) -> str:
        """The folder right above its files."""
        return self.folder or self.group


PROXY = Kind("proxy", "Proxy (preview)", ".mp4", "video/mp4", folder="proxies", shown=True)
MEZZANINE = Kind(
    "mezzanine",
    "Mezzanine (for editing)",
    ".mov",
    "video/quicktime",
    folder="mezzanines",
    days=90,
    reason="the largest files; made again from the original when an edit needs them",
    shown=True,
)
AUDIO_WAV = Kind(
    "audio-wav",
    "Audio (48 kHz WAV)",
    ".wav",
    "audio/wav",
    folder="audios",
    days=30,
    reason="made again from the original when a sync is run again",
    shown=True,
)
WAVEFORM = Kind("waveform", "Waveform peaks", ".dat", folder="waveforms", shown=True)
THUMBNAIL = Kind("thumbnail", "Thumbnail", ".jpg", "image/jpeg", folder="thumbnails", shown=True)

KEYFRAMES = Kind("keyframes", "Keyframe index", ".json", JSON, folder="keyframes")

AUDIO_MASTER = Kind("audio_master", "Mastered audio", group="masters", shown=True)
MASTER_LISTEN = Kind("audio_master_listen", "Mastered audio, for listening", ".wav", "audio/wav", group="masters")
MASTER_PEAKS = Kind("audio_master_peaks", "Mastered audio, waveform", ".dat", group="masters")

AUDIO_SEGMENT = Kind("audio_segment", "Audio segment", ".wav", "audio/wav", group="audio")
AUDIO_CLEAN = Kind("audio_clean", "Cleaned audio", ".wav", "audio/wav", group="audio")
STEM = Kind("stem", "Stem", ".wav", "audio/wav", group="audio")
ASR_TRANSCRIPT = Kind("asr_transcript", "Transcript", ".json", JSON, group="audio")
CAPTIONS = Kind("captions", "Captions, changed by hand", ".json", JSON, group="captions")
SPEAKERS = Kind("speakers", "Who speaks, by microphone", ".json", JSON, group="audio")
AUDIO_SEMANTIC_TIMELINE = Kind("audio_semantic_timeline", "Speech and music", ".json", JSON, group="audio")
AUDIO_VOICE_ENHANCED = Kind("audio_voice_enhanced", "Enhanced voice", ".wav", "audio/wav", group="audio")
BEAT_FEATURES = Kind("beat_features", "Beats", ".json", JSON, group="audio")
BARS = Kind("bars", "Bars", ".json", JSON, group="audio")

FRAME = Kind("frame", "Frame", ".png", "image/png", group="frames")
LUT = Kind("lut", "LUT", ".cube", "text/plain", group="luts")
FONT = Kind("font", "Font", ".ttf", "font/ttf", group="fonts")
MASK = Kind("mask", "Mask", ".png", "image/png", group="masks")
VISUAL_META = Kind("visual_meta", "Shots and subjects", ".json", JSON, group="visual")
VIDEO_REGION_SUMMARY = Kind("video_region_summary", "Faces and regions", ".json", JSON, group="regions")
REGION_MASK = Kind("region_mask", "Mask of faces", ".mkv", "video/x-matroska", group="regions")
REGION_MASK_FOUND = Kind(
    "region_mask_found", "Mask of faces, without doubts", ".mkv", "video/x-matroska", group="regions"
)
ANONYMISED = Kind("anonymised", "Faces hidden (for editing)", ".mov", "video/quicktime", group="anonymised", shown=True)
FACES_PREVIEW = Kind(
    "faces_preview", "Doubtful faces, for a person to look at", ".mp4", "video/mp4", group="anonymised"
)
RENDER = Kind("render", "Render", group="renders", shown=True)
RENDER_SEGMENT = Kind("render_segment", "Render, one chunk", group="renders")
RENDER_CHUNK = Kind(
    "render_chunk",
    "Render, kept for the next one",
    group="renders",
    days=14,
    reason="made again when a film needs them; counted from the last film that took them",
    own=True,
)
VIDEO_PROXY_360P = Kind("video_proxy_360p", "Proxy, 360p", ".mp4", "video/mp4", group="proxies")
VIDEO_PROXY = Kind("video_proxy", "Proxy, 720p", ".mp4", "video/mp4", group="proxies")

#: Every kind, in the order in which a page lists them.
ALL = (
    *(PROXY, MEZZANINE, AUDIO_WAV, THUMBNAIL, WAVEFORM, KEYFRAMES),
    *(AUDIO_MASTER, MASTER_LISTEN, MASTER_PEAKS, RENDER, RENDER_SEGMENT, RENDER_CHUNK, VIDEO_PROXY_360P, VIDEO_PROXY),
    *(AUDIO_SEGMENT, AUDIO_CLEAN, STEM, ASR_TRANSCRIPT, CAPTIONS, SPEAKERS, AUDIO_SEMANTIC_TIMELINE),
    *(
        AUDIO_VOICE_ENHANCED,
        BEAT_FEATURES,
        BARS,
        FRAME,
        LUT,
        FONT,
        MASK,
        VISUAL_META,
        VIDEO_REGION_SUMMARY,
        REGION_MASK,
    ),
    *(REGION_MASK_FOUND, ANONYMISED, FACES_PREVIEW),
)
OWN = tuple(kind.name for kind in ALL if kind.own)
BY_NAME = {kind.name: kind for kind in ALL}


def label(name: str) -> str:
    """What a person reads for a stored kind, also for one that a later version made."""
    return BY_NAME[name].label if name in BY_NAME else name.replace("_", " ").capitalize()
