from django.urls import path

from media_app import views

app_name = "media"
urlpatterns = [
    path("sessions/new/", views.new_session, name="new"),
    path("sessions/<uuid:session_id>/", views.session_page, name="session"),
    path("ops/jobs/", views.jobs_page, name="jobs"),
]
