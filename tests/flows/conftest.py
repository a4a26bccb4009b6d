"""What every journey may ask for."""

import pytest

from tests.flows.studio import engine, studio  # noqa: F401

#: The files that take longest, the longest first: of several processes, the one that came upon them last would work alone.
LONGEST = (
    "test_hostile_files.py", "test_mastering.py", "test_main_job.py", "test_derive.py", "test_chaos.py", "test_demo.py",
    "test_hearing.py", "test_celery.py", "test_crash.py",
)  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first. pytest-django has put those without a database behind all others."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))
