import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connectionsIn, plainAddress } from "../../../src/host/health/sockets.ts";

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";
const line = (remote: string, state: string, uid = 42436, inode = 81051) =>
  `   0: 0100007F:D431 ${remote} ${state} 00000000:00000000 00:00000000 00000000 ${uid}        0 ${inode} 1 0000000000000000 20 4 30 10 -1\n`;

describe("the kernel's table of connections", () => {
  for (const [title, remote, address, port] of [
    ["IPv4", "0500000A:1628", "10.0.0.5", 5672],
    ["IPv6", "000080FE000000000000000001000000:1628", "fe80:0:0:0:0:0:0:1", 5672],
    ["IPv4 mapped into IPv6", "0000000000000000FFFF00000500000A:1627", "10.0.0.5", 5671],
  ] as const) {
    test(`gives the address of ${title}`, () => {
      assert.deepEqual(connectionsIn(head + line(remote, "01")), [
        { remote: address, port, uid: 42436, inode: "81051" },
      ]);
    });
  }

  test("omits sockets that listen, are being opened or are being closed", () => {
    const states = ["02", "03", "04", "05", "06", "07", "08", "09", "0A", "0B"];
    assert.deepEqual(connectionsIn(head + states.map((state) => line("0500000A:1628", state)).join("")), []);
    assert.deepEqual(connectionsIn(""), []);
  });
});

describe("an address as a name server tells it", () => {
  for (const [told, plain] of [
    ["10.0.0.5", "10.0.0.5"],
    ["::1", "0:0:0:0:0:0:0:1"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0:0:0:0:1"],
    ["2001:DB8::a:0:1", "2001:db8:0:0:0:a:0:1"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
  ] as const) {
    test(told, () => assert.equal(plainAddress(told), plain));
  }
});
