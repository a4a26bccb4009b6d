"""Every address of this app: pages, the API of sessions and their assets, mastering, webhooks, and the local store's links."""

from django.urls import path
from django.views.generic import RedirectView

from media_app.api import (
    assets,
    captions,
    cards,
    engines,
    mastering,
    regions,
    registry,
    registry_frames,
    registry_uploads,
    webhooks,
)
from media_app.pages import assets as asset_pages
from media_app.pages import job_actions, local_store, ops, picture, sound, steps, words
from media_app.pages import jobs as job_pages
from media_app.pages import mastering as mastering_pages
from media_app.pages import registry as registry_pages

SESSION_PAGE = "sessions/<uuid:session_id>/"
JOBS = "admin/media-jobs"
JOB = f"{JOBS}/<uuid:job_id>"
SESSION = "<uuid:session_id>"
ASSET = f"{SESSION}/assets/<uuid:asset_id>"
WEBHOOK = "webhooks/<uuid:webhook_id>"

page_urls = (
    [
        path("sessions/new/", asset_pages.new_session, name="new"),
        path(SESSION_PAGE, asset_pages.session_page, name="session"),
        path(f"{SESSION_PAGE}upload/", asset_pages.upload_page, name="upload"),
        path(f"{SESSION_PAGE}assets/<uuid:asset_id>/original/", asset_pages.original_file, name="original"),
        path("assets/<uuid:asset_id>/mastering/", mastering_pages.mastering_page, name="mastering"),
        path("files/<uuid:derivative_id>/", asset_pages.derived_file, name="file"),
        path("files/known/", asset_pages.known_files, name="known"),
        path(f"{SESSION_PAGE}words/", words.of_shoot, name="words"),
        path(f"{SESSION_PAGE}words/marks", words.marks, name="marks"),
        path(f"{SESSION_PAGE}steps/", steps.steps_page, name="steps"),
        path(f"{SESSION_PAGE}steps/<uuid:job_id>/<slug:verb>", steps.step_act, name="step-act"),
        path("admin/ops", ops.ops_page, name="ops"),
        path(JOBS, job_pages.jobs_page, name="jobs"),
        path(f"{JOBS}/bulk", job_actions.bulk_act, name="jobs-bulk"),
        path(f"{JOBS}/purge", job_actions.purge_old, name="jobs-purge"),
        path(JOB, job_pages.job_page, name="job"),
        path(f"{JOB}/file", job_pages.job_file, name="job-file"),
        path(f"{JOB}/attempts/<int:attempt_no>/<slug:stream>.log", job_pages.job_log, name="job-log"),
        path(f"{JOB}/<slug:verb>", job_actions.job_act, name="job-act"),
        # Where these were before, and the forms in which an address is typed.
        path("ops/jobs/", job_actions.moved_jobs),
        path("ops/jobs/<uuid:job_id>/<slug:verb>/", job_actions.moved_act),
        path(f"{JOBS}/", RedirectView.as_view(pattern_name="media:jobs", query_string=True)),
        path(f"{JOB}/", RedirectView.as_view(pattern_name="media:job")),
        path(
            "admin/media_app/mediaasset/<uuid:asset_id>/mastering/",
            RedirectView.as_view(pattern_name="media:mastering"),
        ),
        path("admin/ops/", RedirectView.as_view(pattern_name="media:ops")),
    ],
    "media",
)

registry_page_urls = (
    [
        path("", registry_pages.registry_list, name="list"),
        path("<uuid:asset_id>/", registry_pages.asset_page, name="asset"),
        path("<uuid:asset_id>/original/", registry_pages.original, name="original"),
        path("<uuid:asset_id>/words/", words.of_asset, name="words"),
        path("<uuid:asset_id>/sound/", sound.of_asset, name="sound"),
        path("<uuid:asset_id>/picture/", picture.of_asset, name="picture"),
        path("<uuid:asset_id>/tags", registry_pages.set_tags, name="tags"),
    ],
    "registry",
)

session_urls = [
    path(SESSION, assets.Session.as_view(), name="session"),
    path(f"{SESSION}/assets/init-upload", assets.InitUpload.as_view(), name="init-upload"),
    path(ASSET, assets.Asset.as_view(), name="asset"),
    path(f"{ASSET}/upload", assets.UploadProgress.as_view(), name="upload"),
    path(f"{ASSET}/complete", assets.CompleteUpload.as_view(), name="complete-upload"),
    path(f"{ASSET}/ingest", assets.RetryIngest.as_view(), name="ingest-retry"),
]

mastering_urls = [
    path("mastering", mastering.Masters.as_view(), name="mastering"),
    path("mastering/presets", mastering.Presets.as_view(), name="mastering-presets"),
    path("mastering/<uuid:job_id>", mastering.Master.as_view(), name="mastering-job"),
]

card_urls = [path("files/sort", cards.SortFiles.as_view(), name="sort-files")]

webhook_urls = [
    path("webhooks", webhooks.Webhooks.as_view(), name="webhooks"),
    path(WEBHOOK, webhooks.OneWebhook.as_view(), name="webhook"),
    path(f"{WEBHOOK}/secret", webhooks.WebhookSecret.as_view(), name="webhook-secret"),
    path(f"{WEBHOOK}/ping", webhooks.WebhookPing.as_view(), name="webhook-ping"),
    path(f"{WEBHOOK}/deliveries", webhooks.Deliveries.as_view(), name="webhook-deliveries"),
]

#: The links that a local store signs: what a bucket's own addresses are elsewhere.
store_urls = [path("store/<path:key>", local_store.stored_object, name="stored-object")]

REGISTERED = "media-v2/assets/<uuid:asset_id>"

registry_urls = [
    path("media-v2/assets", registry.Assets.as_view(), name="registry-assets"),
    path("audio/ingest", registry.AudioIngest.as_view(), name="audio-ingest"),
    path("media-v2/assets/init-upload", registry_uploads.InitUpload.as_view(), name="registry-init-upload"),
    path(REGISTERED, registry.OneAsset.as_view(), name="registry-asset"),
    path(f"{REGISTERED}/upload", registry_uploads.UploadProgress.as_view(), name="registry-upload"),
    path(f"{REGISTERED}/complete", registry_uploads.CompleteUpload.as_view(), name="registry-complete"),
    path(f"{REGISTERED}/artifacts", registry.Artifacts.as_view(), name="registry-artifacts"),
    path(f"{REGISTERED}/frames", registry_frames.Frames.as_view(), name="registry-frames"),
    path("media-v2/artifacts/<uuid:artifact_id>", registry.OneArtifact.as_view(), name="registry-artifact"),
]

#: Each engine's own route, where jobs are read and canceled, captions, and regions as a person changes them.
engine_urls = [*engines.urls(), *captions.urls, *regions.urls]
