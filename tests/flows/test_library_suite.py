import importlib.util
import shutil
from importlib import metadata
from pathlib import Path

import pytest
from audio_offset_finder import audio_offset_finder as library

from sync_app.core import correlate

MEDIA = Path(__file__).resolve().parents[3] / "shared" / "media"
#: The library's own tests, and the recordings that each asks for: the package has the tests but not the recordings.
SUITE = {
    "audio_offset_finder_test": {
        "test_std_mfcc": [],
        "test_cross_correlation": [],
        "test_find_offset_between_files": ["timbl_1.mp3", "timbl_2.mp3", "timbl_3.mp3", "r4.ogg", "r4_excerpt.ogg"],
    },
    "tool_test": {"test_reorder_correlations": [], "test_tool": ["timbl_1.mp3", "timbl_2.mp3"]},
}


@pytest.mark.parametrize("module", SUITE)
def test_the_librarys_own_tests_pass_with_studios_curve_in_its_place(module, tmp_path, monkeypatch):
    monkeypatch.setattr(library, "cross_correlation", correlate.cross_correlation)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tests" / "audio").mkdir(parents=True)
    theirs = next(file for file in metadata.files("audio-offset-finder") or [] if file.stem == module)
    shutil.copy(theirs.locate(), tmp_path / "tests")
    spec = importlib.util.spec_from_file_location(f"library_{module}", tmp_path / "tests" / f"{module}.py")
    assert spec is not None
    assert spec.loader is not None
    suite = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(suite)

    for name, recordings in SUITE[module].items():
        if all((MEDIA / recording).exists() for recording in recordings):
            for recording in recordings:
                shutil.copy(MEDIA / recording, tmp_path / "tests" / "audio")
            getattr(suite, name)()
