"""How long files are kept: originals, proxies and thumbnails for good, what can be made again for a while."""

from media_app.core.kinds import ALL, Kind

#: The kinds that go after a while.
EXPIRING: tuple[Kind, ...] = tuple(kind for kind in ALL if kind.days is not None)
ABORT_UPLOADS_DAYS = 7
