"""What this app's jobs do: type → the verb, and what its owner hears when it is given up."""

from media_app import jobs

jobs.register(
    "sync_session_v1",
    run="sync_app.services.measure.sync_session",
    failed="sync_app.services.measure.sync_failed",
    again="sync_app.services.measure.sync_again",
    replay="sync_app.services.measure.replay_sync",
)
