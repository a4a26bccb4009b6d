from django.urls import path

from sync_app import views

app_name = "sync"
REVIEW = "<uuid:session_id>/review/"

urlpatterns = [
    path(REVIEW, views.review_page, name="review"),
    path(f"{REVIEW}state", views.review_state, name="review-state"),
    path(f"{REVIEW}next", views.next_review, name="review-next"),
    path(f"{REVIEW}previous", views.previous_review, name="review-previous"),
    path("review/sure/", views.sure_ones, name="review-sure"),
    path("review/", views.first_review, name="review-first"),
]
