#!/bin/bash
# SCIMMY with SCIMMY Routers (MIT) on express and handlers in memory. EXPRESS=5 in the environment shows the paging that
# the routers lose there; the default is 4.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")"
. ../start.bash
begin scimmy "$@"

PACKAGES=(scimmy@1.3.5 scimmy-routers@1.3.2 "express@${EXPRESS:-4}")
install() {
  rm -rf node_modules package.json package-lock.json
  echo '{"name": "scimmy-for-interop", "private": true, "type": "module"}' >package.json
  npm install --no-fund --no-audit "${PACKAGES[@]}"
}
install_once "${PACKAGES[*]}" install

serve "http://127.0.0.1:$PORT/scim/v2" node server.mjs "$PORT" "$TOKEN"
