"""Static files as browsers get them: under a name with their digest, and packed. What it takes to pack all that comes with Django's
admin and the API's documentation decides how long a new Studio takes to start."""

from collections.abc import Iterable, Iterator

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

#: Of a larger file, the last tenth would take twenty times as long as the rest. The scripts of a page are smaller.
LARGE_BYTES = 256 * 1024
BEST, QUICK = 11, 9


class Packer(Compressor):
    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return brotli.compress(data, quality=QUICK if len(data) > LARGE_BYTES else BEST)


class StaticStorage(CompressedManifestStaticFilesStorage):
    """Packs what pages ask for: not the same file under the name without its digest, nor the maps that developers' tools ask for."""

    def create_compressor(self, **options) -> Compressor:
        return Packer(**options)

    def compress_files(self, paths: Iterable[str]) -> Iterator[tuple[str, str]]:
        asked_for = set(self.hashed_files.values())
        return super().compress_files(path for path in paths if path in asked_for and not path.endswith(".map"))
