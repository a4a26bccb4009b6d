"""What this app's jobs do: type → the verb, and what its owner hears when it is given up."""

from media_app import jobs

jobs.register(
    "abr_package_v1",
    run="render_app.services.productions.package",
    kind="render",
    failed="render_app.services.productions.packaging_failed",
    again="render_app.services.productions.packaging_again",
)
