#!/bin/bash
# Says what a target of the Makefile needs and this machine does not have, a line each, before anything is made:
# scripts/requirements/check.sh TARGET. A shell script, since there may be no Node yet.
set -u
cd "$(dirname "$0")" || exit
target=$1
ENGINE=${ENGINE:-docker}
DRY_RUN=${DRY_RUN:-}
SIGN=${SIGN:-}
# Debian has servers there, and not in every account's PATH. (A test has them nowhere.)
PATH=$PATH:${SBIN-/usr/sbin:/sbin}

needed=" system npm "
while read -r name things; do
  [ "$name" = "$target:" ] && needed+="$things "
done <targets

# The question whose answer is at hand; what was complained of, in one line; whether it failed; what is said then.
question=
answer=
failed=
text=
ask() {
  [ "$1" = "$question" ] && return
  question=$1
  failed=
  answer=$(cd ../.. && eval "$1" 2>&1 >/dev/null) || failed=yes
  answer=${answer//$'\n'/ }
}

missing=0
thing=
told=
while IFS= read -r line; do
  case $line in
    '['*']')
      thing=${line//[][]/}
      told=
      ;;
    'ask: '*)
      next=${line#ask: }
      like='*'
      ;;
    'like: '*) like=${line#like: } ;;
    'say: '*)
      [[ $needed == *" $thing "* && -z $told ]] || continue
      ask "$next"
      # shellcheck disable=SC2053 # a pattern
      [[ $failed && $answer == $like ]] || continue
      told=yes
      missing=1
      # What is said names the answer, or something of this machine: $answer, $(id -un).
      eval "text=\"${line#say: }\""
      echo "make $target: $text" >&2
      ;;
  esac
done <things
exit $missing
