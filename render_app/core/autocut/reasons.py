"""Why a shot was chosen, in words: what was heard, and the camera that stands for it. Whom a picture shows nobody has looked at."""

from collections.abc import Mapping

from render_app.core.autocut.values import Shot

#: Code → sentence, with the speaker's microphone and the camera where they matter.
SENTENCES: Mapping[str, str] = {
    "speaker": "The voice is at microphone {speaker}: camera {camera}.",
    "crosstalk": "Several voices at once: the wide view.",
    "one_of_them": "Several voices at once: camera {camera}, for the one at microphone {speaker}.",
    "applause": "Applause: the wide view.",
    "listener": "Applause, and no wide view was recorded here.",
    "wide": "The voice is at microphone {speaker}, which has no camera of its own here: the wide view.",
    "variety": "The voice has been at microphone {speaker} for a long time: the wide view, for a moment.",
    "moving": "The camera of microphone {speaker} is being moved: the wide view.",
    "silence": "No voice is heard.",
    "only_camera": "No other camera recorded here.",
    "nearest": "The voice is at microphone {speaker}, which has no camera of its own here.",
    "bridge": "Too short for a separate shot, or no pause to cut in.",
    "kept": "Chosen by a person, and kept.",
    "changed": "Changed by a person; cutting again keeps it.",
}


#: Code → sentence: a rule that could not be kept, and what stood in its way.
EXCEPTIONS: Mapping[str, str] = {
    "begins_in_speech": "It begins outside a pause, because a camera starts or stops recording here.",
    "short_recording": "Shorter than the shortest shot, because cameras start or stop recording here.",
    "short_between_kept": "Shorter than the shortest shot, because a person chose the shots next to it.",
    "long_no_pause": "Longer than the longest shot, because there is no pause to cut in.",
    "long_no_wide": "Longer than the longest shot, because no wide view was recorded here.",
    "long_no_better": "Longer than the longest shot, because no other camera has a better picture here.",
}


def sentence(shot: Shot) -> str:
    """The reason as a person reads it, with the rules that could not be kept."""
    why = SENTENCES[shot.reason].format(speaker=shot.speaker, camera=shot.camera)
    return " ".join([why, *(EXCEPTIONS[one] for one in shot.exceptions)])
