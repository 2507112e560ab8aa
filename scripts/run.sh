#!/bin/sh
# What `make run` does: bakes the model's nova-controller, starts its conductor with a sample environment as a
# container would, and hands over to a small program that shows what it was given.
set -eu
out=build/run
rm -rf "$out"
mkdir -p "$out"

build/bin/plinth bake --node nova-controller --model model ${VERSION:+--release "$VERSION"} \
  --templates config-templates --output "$out/image.json"

set -a
. images/sample.env
set +a
PLINTH_IMAGE="$out/image.json" exec build/bin/plinth start conductor --root "$out" --no-wait \
  --user "$(id -u):$(id -g)" -- scripts/show-handover.sh "$out"
