"""The library's own routes under the base path."""

from django.urls import include, path

urlpatterns = [path("scim/v2/", include("django_scim.urls"))]
