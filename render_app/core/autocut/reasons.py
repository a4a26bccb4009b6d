"""Why a shot was chosen, in words."""

from collections.abc import Mapping

#: Code → sentence, with the speaker's microphone and the camera where they matter.
SENTENCES: Mapping[str, str] = {
    "speaker": "Microphone {speaker} is speaking, and camera {camera} shows that person.",
    "crosstalk": "Several people speak at once: the view that shows everybody.",
    "applause": "Applause: the view that shows everybody.",
    "wide": "Microphone {speaker} is speaking, and no camera that recorded here shows that person alone.",
    "variety": "Microphone {speaker} has been in one shot for long: the view that shows everybody, for a moment.",
    "silence": "Nobody is speaking.",
    "only_camera": "No other camera recorded here.",
    "nearest": "Microphone {speaker} is speaking, and no camera that recorded here shows that person.",
    "bridge": "Too short a moment for a shot of its own, or no pause to cut in.",
    "kept": "Chosen by a person, and kept.",
}


def sentence(code: str, speaker: str, camera: str) -> str:
    """The reason as a person reads it."""
    return SENTENCES[code].format(speaker=speaker, camera=camera)
