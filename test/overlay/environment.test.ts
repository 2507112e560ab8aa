import assert from "node:assert/strict";
import { test } from "node:test";
import { failure, success } from "../../src/diagnostics/diagnostic.ts";
import { environmentLayer } from "../../src/overlay/environment.ts";
import type { ReadFile } from "../../src/overlay/etcd-settings.ts";

const files: Readonly<Record<string, string>> = {
  "/s/plain": "secret",
  "/s/newline": "secret\n",
  "/s/crlf": "secret\r\n",
  "/s/two": "secret\n\n",
  "/s/blank": " secret ",
  "/s/empty": "",
};
const readFile: ReadFile = (path, use) => {
  const text = files[path];
  if (text !== undefined) return success(text);
  return failure([{ code: "file-unreadable", severity: "error", failure: "configuration", what: path, fix: use }]);
};

for (const [title, environment, text, from, place] of [
  ["a variable", { A: "x" }, "x", "environment", "A"],
  ["a variable that is empty, which the field may allow", { A: "" }, "", "environment", "A"],
  ["a file", { A_FILE: "/s/plain" }, "secret", "file", "/s/plain"],
  ["a file less one newline at its end", { A_FILE: "/s/newline" }, "secret", "file", "/s/newline"],
  ["a file less one newline of Windows", { A_FILE: "/s/crlf" }, "secret", "file", "/s/crlf"],
  ["a file less one newline only", { A_FILE: "/s/two" }, "secret\n", "file", "/s/two"],
  ["a file with its blanks", { A_FILE: "/s/blank" }, " secret ", "file", "/s/blank"],
  ["a file that is empty, which the field may allow", { A_FILE: "/s/empty" }, "", "file", "/s/empty"],
] as const) {
  test(`takes ${title}`, () => {
    const layer = environmentLayer(["A"], environment, readFile);
    assert.ok(layer.ok);
    assert.deepEqual([...layer.value], [["A", { text, origin: { from, place } }]]);
  });
}

for (const [title, environment] of [
  ["another variable", { B: "x", B_FILE: "/s/plain" }],
  ["a variable that is not set", { A: undefined }],
] as const) {
  test(`ignores ${title}`, () => {
    const layer = environmentLayer(["A", "constructor", "__proto__"], environment, readFile);
    assert.ok(layer.ok);
    assert.equal(layer.value.size, 0);
  });
}

test("reports together what is set twice, empty or unreadable, without any value", () => {
  const environment = { A: "hunter2", A_FILE: "/s/plain", B_FILE: "", C_FILE: "/s/none", D: "", D_FILE: "/s/plain" };
  const layer = environmentLayer(["A", "B", "C", "D"], environment, readFile);
  assert.ok(!layer.ok);
  assert.deepEqual(
    layer.diagnostics.map(({ code }) => code),
    ["parameter-twice", "parameter-file-empty", "file-unreadable", "parameter-twice"],
  );
  assert.match(layer.diagnostics[2]?.fix ?? "", /C_FILE names this file for C/);
  assert.ok(!JSON.stringify(layer.diagnostics).includes("hunter2"));
});
