from django.urls import path

from render_app import api

urlpatterns = [path("<uuid:session_id>/edit", api.Edit.as_view(), name="edit")]
