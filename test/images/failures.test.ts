import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyFailure, type FailureKind } from "../../images/failures.ts";

// Lines as apt, dpkg, the engine and registries write them.
const cases: readonly (readonly [kind: FailureKind, line: string])[] = [
  [
    "network",
    "W: Failed to fetch http://mirror.example/debian/dists/trixie/InRelease  Temporary failure resolving 'mirror.example'",
  ],
  [
    "network",
    "E: Failed to fetch http://mirror.example/debian/pool/main/m/memcached/memcached_1.6_amd64.deb  404  Not Found",
  ],
  [
    "network",
    "Err:1 http://mirror.example/debian trixie InRelease Could not connect to mirror.example:80 (192.0.2.1). - connect (113: No route to host)",
  ],
  ["network", "Connection timed out [IP: 192.0.2.1 80]"],
  ["network", "E: Failed to fetch store:/var/lib/apt/lists/partial/x_Packages.gz  Hash Sum mismatch"],
  [
    "network",
    "Error response from daemon: Get https://registry.example/v2/: dial tcp: lookup registry.example: no such host",
  ],
  ["network", "failed to do request: Head https://registry.example/v2/x: dial tcp 192.0.2.1:443: i/o timeout"],
  ["network", "received unexpected HTTP status: 503 Service Unavailable"],
  ["network", "Error response from daemon: toomanyrequests: too many requests"],
  ["disk", "tar: ./usr/lib/x: Cannot write: No space left on device"],
  ["disk", "E: Failed to fetch http://mirror.example/x.deb  Write error - write (28: No space left on device)"],
  ["disk", "E: You don't have enough free space in /var/cache/apt/archives/."],
  ["other", "E: Unable to locate package memcachd"],
  ["other", "The command '/bin/sh -c false' returned a non-zero code: 1"],
  ["other", "denied: requested access to the resource is denied"],
  ["other", ""],
];
for (const [kind, line] of cases) {
  test(`${kind}: ${line}`, () => {
    const found = classifyFailure(`Reading package lists...\n#5 12.34 ${line}\nthe end`);
    assert.equal(found.kind, kind);
    if (kind !== "other") assert.equal(found.line, line);
  });
}
