#!/bin/bash
# Makes the release of this machine's architecture from the finished tree (make release): an archive, the bill of materials, checksums. The
# archive is the same again for the same tree: names in order, no owners, the commit's time.
# With SIGN=FILE, a private key for ssh-keygen(1), the checksums get a signature beside them.
set -euo pipefail
cd "$(dirname "$0")/.."
version=$(node -p 'require("./package.json").version')
architecture=$(node -p process.arch)
name=plinth-$version-linux-$architecture
output=build/release
time=$(git log -1 --format=%ct)

rm -rf "$output"
mkdir -p "$output"
cp LICENSE build/plinth/
trap 'rm -f build/plinth/LICENSE' EXIT
tar --create --directory build/plinth --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner --mode='u+w,go=rX,a-s' \
  --transform "s,^\.,$name," . | gzip --no-name --best > "$output/$name.tar.gz"
npm sbom --sbom-format spdx --omit dev > "$output/$name.spdx.json"
cd "$output"
sha256sum -- *.tar.gz *.spdx.json > SHA256SUMS
if [ -n "${SIGN:-}" ]; then ssh-keygen -q -Y sign -f "$SIGN" -n file SHA256SUMS; fi
cat SHA256SUMS
