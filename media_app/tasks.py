"""What each of this app's jobs does."""

from media_app import jobs
from media_app.services import ingest

jobs.handles("ingest_asset_v1", failed=ingest.ingest_failed)(ingest.ingest)
jobs.handles("engine_mezzanine_v1", failed=ingest.mezzanine_failed)(ingest.make_mezzanine)
