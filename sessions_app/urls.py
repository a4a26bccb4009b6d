from django.urls import path

from sessions_app import api

urlpatterns = [path("", api.Sessions.as_view(), name="sessions")]
