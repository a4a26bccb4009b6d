"""Why a shot was chosen, in words."""

from collections.abc import Mapping

from render_app.core.autocut.values import Shot

#: Code → sentence, with the speaker's microphone and the camera where they matter.
SENTENCES: Mapping[str, str] = {
    "speaker": "Microphone {speaker} is speaking, and camera {camera} shows that person.",
    "crosstalk": "Several people speak at once: the view that shows everybody.",
    "one_of_them": "Several people speak at once, and camera {camera} shows one of them, at microphone {speaker}.",
    "applause": "Applause: the view that shows everybody.",
    "listener": "Applause, and no view of everybody was recorded here.",
    "wide": "Microphone {speaker} is speaking, and no camera that recorded here shows that person alone.",
    "variety": "Microphone {speaker} has been in one shot for long: the view that shows everybody, for a moment.",
    "moving": "The camera that shows microphone {speaker} is being moved: the view that shows everybody.",
    "silence": "Nobody is speaking.",
    "only_camera": "No other camera recorded here.",
    "nearest": "Microphone {speaker} is speaking, and no camera that recorded here shows that person.",
    "bridge": "Too short a moment for a shot of its own, or no pause to cut in.",
    "kept": "Chosen by a person, and kept.",
    "changed": "Changed by a person; cutting again keeps it.",
}


#: Code → sentence: a rule that could not be kept, and what stood in its way.
EXCEPTIONS: Mapping[str, str] = {
    "begins_in_speech": "It begins outside a pause, as a camera starts or stops recording here.",
    "short_recording": "Shorter than the shortest shot, as cameras start or stop recording here.",
    "short_between_kept": "Shorter than the shortest shot, as the shots beside it were chosen by a person.",
    "long_no_pause": "Longer than the longest shot, as there is no pause to cut in.",
    "long_no_wide": "Longer than the longest shot, as no view of everybody was recorded here.",
    "long_no_better": "Longer than the longest shot, as no other camera has a better picture here.",
}


def sentence(shot: Shot) -> str:
    """The reason as a person reads it, with the rules that could not be kept."""
    why = SENTENCES[shot.reason].format(speaker=shot.speaker, camera=shot.camera)
    return " ".join([why, *(EXCEPTIONS[one] for one in shot.exceptions)])
