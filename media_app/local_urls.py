from django.urls import path

from media_app import local_views

urlpatterns = [path("store/<path:key>", local_views.stored_object, name="stored-object")]
