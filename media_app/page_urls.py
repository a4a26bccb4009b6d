from django.urls import path

from media_app import views

SESSION = "sessions/<uuid:session_id>/"

app_name = "media"
urlpatterns = [
    path("sessions/new/", views.new_session, name="new"),
    path(SESSION, views.session_page, name="session"),
    path(f"{SESSION}upload/", views.upload_page, name="upload"),
    path(f"{SESSION}assets/<uuid:asset_id>/original/", views.original_file, name="original"),
    path("files/<uuid:derivative_id>/", views.derived_file, name="file"),
    path("files/known/", views.known_files, name="known"),
    path("ops/jobs/", views.jobs_page, name="jobs"),
    path("ops/jobs/<uuid:job_id>/retry/", views.retry_job, name="retry-job"),
    path("ops/jobs/<uuid:job_id>/cancel/", views.cancel_job, name="cancel-job"),
]
