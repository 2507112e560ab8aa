import assert from "node:assert/strict";
import { test } from "node:test";
import { mirrorsOf } from "../../images/mirror.ts";

const suites = ["bookworm", "trixie"];

const stanza = (address: string, more = "Suites: bookworm bookworm-updates\nComponents: main"): string =>
  `Types: deb\n# a comment\nURIs: ${address}\n${more}\n`;

const cases = [
  {
    title: "a mirror in a deb822 file, security beside it",
    stanzas: [
      `${stanza("https://mirror.example/debian/")}\n${stanza("https://mirror.example/security", "Suites: bookworm-security\nComponents: main contrib")}`,
    ],
    expected: { debian: "https://mirror.example/debian", security: "https://mirror.example/security" },
  },
  {
    title: "a mirror in a one-line file, with options",
    lists: [
      "# deb http://old.example/debian trixie main\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.example/d trixie main # here\n",
    ],
    expected: { debian: "http://mirror.example/d" },
  },
  {
    title: "others that publish for Debian are no mirror of it",
    lists: [
      "deb https://download.example/linux/debian bookworm stable\ndeb https://packages.example/apt cloud-bookworm main\n",
    ],
    expected: {},
  },
  {
    title: "a disabled stanza does not count",
    stanzas: [stanza("https://mirror.example/debian", "Suites: bookworm\nComponents: main\nEnabled: no")],
    expected: {},
  },
  {
    title: "sources only are no mirror of packages",
    stanzas: ["Types: deb-src\nURIs: https://mirror.example/debian\nSuites: bookworm\nComponents: main\n"],
    expected: {},
  },
  {
    title: "an address with a password stays out of build arguments",
    lists: ["deb https://user:secret@mirror.example/debian bookworm main\n"],
    expected: {},
  },
  {
    title: "a cache on this machine cannot be reached from a build",
    lists: ["deb http://localhost:3142/debian bookworm main\ndeb http://127.0.0.1/debian bookworm main\n"],
    expected: {},
  },
  {
    title: "what is not http cannot be reached either",
    lists: ["deb cdrom:[Debian]/ bookworm main\ndeb file:/srv/debian bookworm main\n"],
    expected: {},
  },
] as const;

for (const { title, expected, ...given } of cases) {
  test(title, () => {
    const { lists = [], stanzas = [] } = { ...given } as { lists?: readonly string[]; stanzas?: readonly string[] };
    assert.deepEqual(mirrorsOf(lists, stanzas, suites), expected);
  });
}
