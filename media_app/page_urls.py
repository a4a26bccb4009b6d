from django.urls import path
from django.views.generic import RedirectView

from media_app import ops_views, views

SESSION = "sessions/<uuid:session_id>/"
JOBS = "admin/media-jobs"
JOB = f"{JOBS}/<uuid:job_id>"

app_name = "media"
urlpatterns = [
    path("sessions/new/", views.new_session, name="new"),
    path(SESSION, views.session_page, name="session"),
    path(f"{SESSION}upload/", views.upload_page, name="upload"),
    path(f"{SESSION}assets/<uuid:asset_id>/original/", views.original_file, name="original"),
    path("files/<uuid:derivative_id>/", views.derived_file, name="file"),
    path("files/known/", views.known_files, name="known"),
    path(f"{SESSION}steps/", ops_views.steps_page, name="steps"),
    path(f"{SESSION}steps/<uuid:job_id>/<slug:verb>", ops_views.step_act, name="step-act"),
    path("admin/ops", ops_views.ops_page, name="ops"),
    path(JOBS, ops_views.jobs_page, name="jobs"),
    path(f"{JOBS}/bulk", ops_views.bulk_act, name="jobs-bulk"),
    path(f"{JOBS}/purge", ops_views.purge_old, name="jobs-purge"),
    path(JOB, ops_views.job_page, name="job"),
    path(f"{JOB}/file", ops_views.job_file, name="job-file"),
    path(f"{JOB}/attempts/<int:attempt_no>/<slug:stream>.log", ops_views.job_log, name="job-log"),
    path(f"{JOB}/<slug:verb>", ops_views.job_act, name="job-act"),
    # Where these were before, and the forms in which an address is typed.
    path("ops/jobs/", ops_views.moved_jobs),
    path("ops/jobs/<uuid:job_id>/<slug:verb>/", ops_views.moved_act),
    path(f"{JOBS}/", RedirectView.as_view(pattern_name="media:jobs", query_string=True)),
    path(f"{JOB}/", RedirectView.as_view(pattern_name="media:job")),
    path("admin/ops/", RedirectView.as_view(pattern_name="media:ops")),
]
