from django.urls import path

from sync_app import api

SYNC = "<uuid:session_id>/sync"

urlpatterns = [
    path(SYNC, api.Sync.as_view(), name="sync"),
    path(f"{SYNC}/run", api.RunSync.as_view(), name="sync-run"),
    path(f"{SYNC}/approve", api.ApproveSync.as_view(), name="sync-approve"),
    path(f"{SYNC}/correct", api.CorrectSync.as_view(), name="sync-correct"),
    path(f"{SYNC}/needs-work", api.SyncNeedsWork.as_view(), name="sync-needs-work"),
    path(f"{SYNC}/history", api.SyncHistory.as_view(), name="sync-history"),
]
