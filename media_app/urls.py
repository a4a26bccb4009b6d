from django.urls import path

from media_app import api

SESSION = "<uuid:session_id>"
ASSET = f"{SESSION}/assets/<uuid:asset_id>"

urlpatterns = [
    path(SESSION, api.Session.as_view(), name="session"),
    path(f"{SESSION}/assets/init-upload", api.InitUpload.as_view(), name="init-upload"),
    path(ASSET, api.Asset.as_view(), name="asset"),
    path(f"{ASSET}/upload", api.UploadProgress.as_view(), name="upload"),
    path(f"{ASSET}/complete", api.CompleteUpload.as_view(), name="complete-upload"),
    path(f"{ASSET}/ingest", api.IngestAgain.as_view(), name="ingest-again"),
]
