"""What `make serve` prepares before it starts anything."""

import os
import time

from studio.management.commands.serve import collect_static, services_of


def test_static_files_are_collected_again_when_they_changed_and_only_then(settings, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "page.css").write_text("a {}")
    settings.STATICFILES_DIRS, settings.STATIC_ROOT = [source], tmp_path / "collected"
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    assert collect_static()
    assert not collect_static()
    (source / "page.css").write_text("a { color: red }")
    os.utime(source / "page.css", (time.time() + 10,) * 2)
    assert collect_static()
    assert (settings.STATIC_ROOT / "page.css").read_text() == "a { color: red }"
    (settings.STATIC_ROOT / ".collected").unlink()
    assert collect_static(), "what nobody vouches for is collected"


def test_each_worker_is_looked_after_by_the_command_itself(settings):
    settings.JOB_DISPATCH = "embedded"
    assert [service.name for service in services_of("127.0.0.1", 8000, 3)] == [
        "web",
        "worker 1",
        "worker 2",
        "worker 3",
    ]
