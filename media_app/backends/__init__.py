"""What engines compute with: optional packages, model files held to their checksums, models loaded once for a process.

The only package that imports such a package, always inside a function and never while Django starts.
"""

from media_app.backends.files import ModelFile, PackagedFile
from media_app.backends.held import in_use
from media_app.backends.packages import BackendUnavailable, Package

__all__ = ["BackendUnavailable", "ModelFile", "Package", "PackagedFile", "in_use"]
