"""A minimal Django project around django-scim2: all SCIM behaviour comes from the library and its documented mixins."""

import os

PORT = os.environ["PORT"]
SECRET_KEY = "x" * 50
DEBUG = False
ALLOWED_HOSTS = ["*"]
ROOT_URLCONF = "urls"
INSTALLED_APPS = ["django.contrib.contenttypes", "django.contrib.auth", "django_scim", "scimapp"]
MIDDLEWARE = ["scimapp.bearer.BearerMiddleware", "django_scim.middleware.SCIMAuthCheckMiddleware"]
AUTH_USER_MODEL = "scimapp.User"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "postgres",
        "USER": "postgres",
        "HOST": os.environ["POSTGRES_SOCKETS"],
        "CONN_MAX_AGE": 60,
    }
}
# Nobody signs in here, and the default hasher takes a tenth of a second or more for every password that an IdP sends.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
APPEND_SLASH = False
TEMPLATES = []
SCIM_SERVICE_PROVIDER = {
    "NETLOC": "127.0.0.1:" + PORT,
    "SCHEME": "http",
    "USER_MODEL_GETTER": "django.contrib.auth.get_user_model",
    "USER_ADAPTER": "scimapp.adapters.UserAdapter",
    "GROUP_MODEL": "scimapp.models.Group",
    "GROUP_ADAPTER": "scimapp.adapters.GroupAdapter",
    "AUTHENTICATION_SCHEMES": [
        {"type": "oauthbearertoken", "name": "OAuth Bearer Token", "description": "static bearer token"}
    ],
    "WWW_AUTHENTICATE_HEADER": 'Bearer realm="django-scim2"',
}
