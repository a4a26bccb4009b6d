from django.urls import path

from sessions_app import views

app_name = "sessions"
urlpatterns = [
    path("", views.session_list, name="list"),
    path("tenant/", views.choose_tenant, name="tenant"),
]
