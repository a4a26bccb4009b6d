from django.urls import path

from media_app import api

urlpatterns = [
    path("mastering", api.Masters.as_view(), name="mastering"),
    path("mastering/presets", api.Presets.as_view(), name="mastering-presets"),
    path("mastering/<uuid:job_id>", api.Master.as_view(), name="mastering-job"),
]
