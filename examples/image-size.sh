#!/bin/bash
# Says what an image weighs, layer by layer, and fails where it is over its budget.
#
#   image-size.sh app.tar 200MB                       an archive of docker save
#   image-size.sh registry.example/app:7 200MB        an image in a registry
#   image-size.sh app.tar 200MB --max-wasted 5MB      further rules of `capas budget`
#
# CAPAS names the capas command; by default it is the one of the tree that this file lies in.
set -euo pipefail
capas=${CAPAS:-$(dirname "$(readlink -f "$0")")/../capas}
image=$1 max=$2
shift 2

work=$(mktemp -d)
export DOCKER_HOST=unix://$work/socket
"$capas" daemon --no-docker-socket -H "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/exec" --pidfile "$work/pid" >"$work/log" 2>&1 &
engine=$!
trap 'kill $engine 2>/dev/null || true; wait $engine || true; rm -rf "$work"' EXIT
until docker version >/dev/null 2>&1; do
    kill -0 $engine 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.2
done

if [ -f "$image" ]; then
    image=$(docker load -q -i "$image" | sed -n 's/^Loaded image[^:]*: //p' | head -n 1)
else
    docker pull -q "$image" >/dev/null
fi

"$capas" layers "$image"
echo
"$capas" budget "$image" --max "$max" "$@"
