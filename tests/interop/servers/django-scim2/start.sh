#!/bin/bash
# django-scim2 (15five, MIT) with its own adapters in a minimal Django project on a throw-away PostgreSQL cluster.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. ../start.bash
begin django-scim2 "$@"
. ./postgres.bash

PACKAGES=('django-scim2==0.23.0' 'Django>=5.2.8,<5.3' 'psycopg[binary]>=3.3,<4' 'gunicorn==27.0.1')
export PORT SCIM_TOKEN=$TOKEN DJANGO_SETTINGS_MODULE=settings PYTHONPATH=$PWD PYTHONDONTWRITEBYTECODE=1 POSTGRES_SOCKETS=
install() {
  rm -rf .venv scimapp/migrations
  python3 -m venv .venv
  .venv/bin/pip install -q "${PACKAGES[@]}"
  .venv/bin/django-admin makemigrations scimapp
}
install_once "${PACKAGES[*]} $(cksum <scimapp/models.py)" install

stop_rest() { stop_postgres; }
start_postgres # sets POSTGRES_SOCKETS
run .venv/bin/django-admin migrate

serve "http://127.0.0.1:$PORT/scim/v2" \
  .venv/bin/gunicorn -w 2 -b "127.0.0.1:$PORT" --no-control-socket django.core.wsgi:get_wsgi_application'()'
