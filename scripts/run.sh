#!/bin/sh
# What `make run` does: bakes the bundled nova-controller pillar, starts its conductor with a sample environment as a
# container would, and hands over to a small program that shows what it was given.
set -eu
release=${VERSION:-2025.1}
out=build/run
rm -rf "$out"
mkdir -p "$out"

build/bin/plinth bake --pillar images/nova-controller/pillar.yml --release "$release" \
  --templates config-templates --output "$out/image.json"

set -a
. images/sample.env
set +a
PLINTH_IMAGE="$out/image.json" exec build/bin/plinth start conductor --root "$out" --no-wait \
  --user "$(id -u):$(id -g)" -- scripts/show-handover.sh "$out"
