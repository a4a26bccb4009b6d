"""What this app's jobs do: type → the verb, and what its owner hears when it is given up."""

from media_app import jobs

jobs.register(
    "ingest_asset_v1",
    run="media_app.services.ingest.ingest",
    failed="media_app.services.ingest.ingest_failed",
    again="media_app.services.ingest.ingest_again",
    replay="media_app.services.ingest.replay_ingest",
)
jobs.register(
    "engine_mezzanine_v1",
    run="media_app.services.ingest.make_mezzanine",
    kind="render",
    failed="media_app.services.ingest.mezzanine_failed",
    replay="media_app.services.ingest.replay_mezzanine",
)
jobs.register(
    "audio_master_v1",
    run="media_app.services.mastering.carry_out",
    failed="media_app.services.mastering.gave_up",
    again="media_app.services.mastering.again",
    replay="media_app.services.mastering.replay_master",
)
jobs.register("webhook_v1", run="media_app.services.webhooks.deliver", kind="io")
jobs.register("replay_v1", run="media_app.services.replay.carry_out")
