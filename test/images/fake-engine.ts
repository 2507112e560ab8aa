import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Stands for docker and podman where tests are about the builder: what it is asked for it writes down, and what it
 * "builds" it knows afterwards.
 */
export type FakeEngine = {
  /** To be put first into PATH. */
  readonly bin: string;
  /** What it was asked for since the last time, one line each, the engine's name first. */
  readonly asked: () => readonly string[];
  /** The next builds or pushes of an image (by the last part of its name, `memcached-server`) fail with these lines. */
  readonly failing: (name: string, lines: readonly string[]) => void;
  /** Forgets an image. */
  readonly remove: (image: string) => void;
};

/** What an image answers about its packages: see images/sbom.ts. */
const listing = [
  "debian trixie",
  "install ok installed\tlibc6\t2.41-12\tamd64\tglibc\t2.41-12\t12988\tGNU Libc Maintainers <a@b.example>\t",
  "install ok installed\tattr\t1:2.5.2-3\tall\tattr\t1:2.5.2-3\t100\tSomebody <a@b.example>\thttps://b.example/",
  "deinstall ok config-files\tgone\t1\tall\tgone\t1\t7\tSomebody\t",
];

/** In sh, since a run of the builder asks it some thirty times. An image's file is called as it is, with _ for /. */
const script = (directory: string): string => `#!/bin/sh
set -eu
cd '${directory}'
printf '%s\\n' "\${0##*/} $*" >> asked
verb=$1
fail() {
  short=\${1##*/}
  failing=failing-\${short%%:*}
  [ -s "$failing" ] || return 0
  head -n 1 "$failing"
  sed -i 1d "$failing"
  exit 1
}
file() { echo "images/$1" | tr / _ | sed s,_,/,; }
case $verb in
  build)
    id=$(echo "$*" | sha256sum | cut -d ' ' -f 1)
    while [ $# -gt 0 ]; do
      case $1 in
        --tag) image=$2 ;;
        io.plinth.inputs=*) inputs=\${1#*=} ;;
      esac
      shift
    done
    fail "$image"
    printf '[{"Id":"sha256:%s","Size":1000000,"Created":"2026-11-01T00:00:00.123456789Z","Config":{"Labels":{"io.plinth.inputs":"%s"}}}]\\n' \\
      "$id" "$inputs" > "$(file "$image")"
    ;;
  push) fail "$2" ;;
  image) cat "$(file "$3")" 2>/dev/null || { echo '[]'; exit 1; } ;;
  run) cat listing ;;
esac
`;

export function makeEngine(directory: string): FakeEngine {
  const bin = join(directory, "bin");
  mkdirSync(bin, { recursive: true });
  mkdirSync(join(directory, "images"));
  const asked = join(directory, "asked");
  writeFileSync(asked, "");
  writeFileSync(join(directory, "listing"), listing.map((line) => `${line}\n`).join(""));
  for (const name of ["docker", "podman"]) {
    writeFileSync(join(bin, name), script(directory));
    chmodSync(join(bin, name), 0o755);
  }
  return {
    bin,
    asked: () => {
      const lines = readFileSync(asked, "utf8").split("\n").filter(Boolean);
      writeFileSync(asked, "");
      return lines;
    },
    failing: (name, lines) =>
      writeFileSync(join(directory, `failing-${name}`), lines.map((line) => `${line}\n`).join("")),
    remove: (image) => rmSync(join(directory, "images", image.replaceAll("/", "_"))),
  };
}
