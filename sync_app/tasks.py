"""What this app's jobs do."""

from media_app import jobs
from sync_app import services

jobs.handles("sync_session_v1", failed=services.sync_failed)(services.sync_session)
