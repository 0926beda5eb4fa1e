#!/bin/bash
# scim2-server (python-scim, Apache-2.0): an in-memory reference server.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. ../start.bash
begin scim2-server "$@"

PACKAGES=('scim2-server[precis]==0.8.3' 'scim2-models==0.12.3')
install() {
  rm -rf .venv
  python3 -m venv .venv
  .venv/bin/pip install -q "${PACKAGES[@]}"
}
install_once "${PACKAGES[*]}" install

serve "http://127.0.0.1:$PORT/v2" .venv/bin/scim2-server --hostname 127.0.0.1 --port "$PORT" --bearer-token "$TOKEN"
