#!/bin/bash
# In the place of a container engine and its Compose: containers are files in $0.d/containers, each with the name of its image.
# A file of $0.d/fails is the name of a job that ends with 3, $0.d/absent that of an image that is not there.
at=$0.d
words=$*

image_of() { # a service, a file of Compose
  local line
  line=$(awk -v "service=  $1:" '$0 == service { found = 1 } found && /^    image: / { print $2; exit }' "$2")
  line=${line//\"/}
  line=${line/'${IMAGE_PREFIX:-plinth}'/$IMAGE_PREFIX}
  printf '%s' "${line%%:\$*}:$VERSION"
}

case $words in
  'ps --all --quiet --filter label=com.docker.compose.project='*)
    service=$(sed -n 's/.*compose.service=\([^ ]*\).*/\1/p' <<<"$words")
    ls "$at/containers" | { [ -z "$service" ] && cat || grep -x -- "$service"; }
    exit 0
    ;;
  'container inspect --format'*) echo 'running 0' ;;
  'container inspect '*)
    shift 2
    rows=()
    for name; do
      [ -e "$at/containers/$name" ] || continue
      labels="{\"com.docker.compose.service\":\"$name\"}"
      rows+=("{\"Id\":\"$name\",\"Config\":{\"Image\":\"$(<"$at/containers/$name")\",\"Labels\":$labels},\"State\":{\"Status\":\"running\"}}")
    done
    (IFS=,; echo "[${rows[*]}]")
    ;;
  'image inspect '*)
    shift 4
    for image; do [ -e "$at/absent" ] && grep -qx -- "$image" "$at/absent" || echo "[\"$image\"]"; done
    ;;
  compose*' run --rm --no-deps -T '*)
    job=${words##* -T }
    job=${job%% *}
    echo "$job" >>"$at/jobs"
    if [ -e "$at/fails/$job" ]; then
      echo "$job: no room" >&2
      exit 3
    fi
    ;;
  compose*' up --detach '*)
    file=$(sed 's/.* --file \([^ ]*\) .*/\1/' <<<"$words")
    for name in ${words##* --no-deps }; do image_of "$name" "$file" >"$at/containers/$name"; done
    ;;
  'run --rm --interactive '*)
    script=${*: -1}
    exec bash -c "${script//\/record/$at/record}"
    ;;
  'rm '*)
    shift
    for name; do rm "$at/containers/$name"; done
    ;;
  *mariadb-dump*) echo '-- Dump completed' ;;
esac
