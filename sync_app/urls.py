"""Every address of this app: its pages under `sessions/`, its API under `v2/sessions/`."""

from django.urls import path

from sync_app import api, pages

REVIEW = "<uuid:session_id>/review/"
SYNC = "<uuid:session_id>/sync"

page_urls = (
    [
        path(REVIEW, pages.show_review, name="review"),
        path(f"{REVIEW}state", pages.review_state, name="review-state"),
        path(f"{REVIEW}next", pages.next_review, name="review-next"),
        path(f"{REVIEW}previous", pages.previous_review, name="review-previous"),
        path("review/confident/", pages.confident_matches, name="review-confident"),
        path("review/", pages.first_review, name="review-first"),
    ],
    "sync",
)

api_urls = [
    path(SYNC, api.Sync.as_view(), name="sync"),
    path(f"{SYNC}/run", api.RunSync.as_view(), name="sync-run"),
    path(f"{SYNC}/approve", api.ApproveSync.as_view(), name="sync-approve"),
    path(f"{SYNC}/correct", api.CorrectSync.as_view(), name="sync-correct"),
    path(f"{SYNC}/needs-work", api.SyncNeedsWork.as_view(), name="sync-needs-work"),
    path(f"{SYNC}/history", api.SyncHistory.as_view(), name="sync-history"),
]
