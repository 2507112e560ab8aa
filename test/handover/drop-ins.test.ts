import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { withDropIns } from "../../src/handover/drop-ins.ts";

const directory = "/etc/nova/nova.conf.d";
const file = ["--config-file", "/etc/nova/nova.conf"];

describe("a command reads the drop-in directory after all files that it names:", () => {
  for (const [what, command, result] of [
    [
      "a program",
      ["/usr/bin/nova-conductor", ...file],
      ["/usr/bin/nova-conductor", ...file, "--config-dir", directory],
    ],
    [
      "a program with several files and words behind them",
      ["/usr/bin/neutron-server", ...file, "--config-file", "/b.ini", "db", "sync"],
      ["/usr/bin/neutron-server", ...file, "--config-file", "/b.ini", "--config-dir", directory, "db", "sync"],
    ],
    [
      "lines of a script, but for plinth's own programs",
      [
        "/bin/sh",
        "-ec",
        `/usr/bin/nova-manage ${file.join(" ")} db sync\n/usr/local/sbin/map-cells ${file.join(" ")} x`,
      ],
      [
        "/bin/sh",
        "-ec",
        `/usr/bin/nova-manage ${file.join(" ")} --config-dir ${directory} db sync\n/usr/local/sbin/map-cells ${file.join(" ")} x`,
      ],
    ],
    [
      "a program that a script is given",
      ["/bin/sh", "-ec", '"$@"', "sh", "30", "/usr/bin/nova-manage", ...file, "db"],
      ["/bin/sh", "-ec", '"$@"', "sh", "30", "/usr/bin/nova-manage", ...file, "--config-dir", directory, "db"],
    ],
    [
      "uWSGI, whose application finds it by itself",
      ["/usr/bin/uwsgi", "--ini", "/a.ini"],
      ["/usr/bin/uwsgi", "--ini", "/a.ini"],
    ],
    ["a program of plinth's own", ["/usr/local/sbin/map-cells", ...file], ["/usr/local/sbin/map-cells", ...file]],
  ] as const) {
    test(what, () => assert.deepEqual(withDropIns(command, directory), result));
  }
});
