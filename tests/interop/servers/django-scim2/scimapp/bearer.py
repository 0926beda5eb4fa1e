"""One static bearer token; whoever sends it is the administrator the library asks for."""

import os

from django.contrib.auth.models import AnonymousUser


class Administrator:
    is_anonymous = False
    is_authenticated = True
    is_superuser = True
    pk = 1


class BearerMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        known = request.headers.get("Authorization") == "Bearer " + os.environ["SCIM_TOKEN"]
        request.user = Administrator() if known else AnonymousUser()
        return self.get_response(request)
