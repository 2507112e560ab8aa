import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { BakedImage } from "../../src/baked/baked.ts";
import { listPath, OptionList } from "../../src/options/list.ts";
import { renderFiles } from "../../src/render/render.ts";
import type { Json } from "../../src/schema/json.ts";
import { mustBe } from "../support/must-be.ts";
import { parameters } from "../support/parameters.ts";
import { judge, missingPython } from "../support/python.ts";
import { awkwardTexts } from "../support/random.ts";
import { load, settingsOf } from "../support/rendering.ts";
import { bakeSaying, type Saying, sectionOf, textOf } from "./support.ts";

const nova = (section: string, says: string): string => `_options:\n  nova.conf:\n    ${section}:\n      ${says}`;

/** What a file of a service holds then, and what it does not. */
const effects: readonly (readonly [
  what: string,
  saying: Saying & { readonly values?: Record<string, string> },
  file: string,
  section: string,
  has: readonly string[],
  hasNot: RegExp,
])[] = [
  [
    "an option that the template writes differently",
    { says: nova("DEFAULT", "report_interval: 7") },
    "nova.conf",
    "[DEFAULT]",
    ["report_interval = 7"],
    /report_interval = 60/,
  ],
  [
    "an option that the template does not write",
    { says: nova("scheduler", "max_attempts: 4") },
    "nova.conf",
    "[scheduler]",
    ["max_attempts = 4"],
    /^$/,
  ],
  [
    "a section that the template does not write",
    { says: nova("pci", 'alias: ["a", {name: b}]') },
    "nova.conf",
    "[pci]",
    ["alias = a", 'alias = {"name":"b"}'],
    /^$/,
  ],
  [
    "an option that is taken out",
    { says: nova("DEFAULT", "report_interval: ~") },
    "nova.conf",
    "[DEFAULT]",
    [],
    /report_interval/,
  ],
  [
    "a list",
    { says: nova("filter_scheduler", "enabled_filters: [A, B]") },
    "nova.conf",
    "[filter_scheduler]",
    ["enabled_filters = A,B"],
    /^$/,
  ],
  [
    "a list as a text",
    { says: nova("filter_scheduler", "enabled_filters: A, B") },
    "nova.conf",
    "[filter_scheduler]",
    ["enabled_filters = A,B"],
    /^$/,
  ],
  [
    "a list as a text with a parameter in it",
    { says: nova("filter_scheduler", "enabled_filters: A, $F ,B"), values: { F: "C" } },
    "nova.conf",
    "[filter_scheduler]",
    ["enabled_filters = A,C,B"],
    /^$/,
  ],
  [
    "a list in brackets",
    {
      node: "glance-server",
      says: "_options:\n  glance-api.conf:\n    DEFAULT: {enabled_import_methods: [web-download, $M]}",
      values: { M: "copy-image" },
    },
    "glance-api.conf",
    "[DEFAULT]",
    ["enabled_import_methods = [web-download,copy-image]"],
    /^$/,
  ],
  [
    "an empty list in brackets",
    { node: "glance-server", says: "_options:\n  glance-api.conf:\n    DEFAULT: {enabled_import_methods: []}" },
    "glance-api.conf",
    "[DEFAULT]",
    ["enabled_import_methods = []"],
    /^$/,
  ],
  [
    "dictionaries, each a line",
    {
      node: "cinder-volume",
      says: [
        "_options:\n  cinder.conf:\n    file:",
        "      replication_device: [{backend_id: a, san_password: $PW}, 'backend_id:b,san_password:$PW']",
      ].join("\n"),
      values: { PW: "pw" },
    },
    "cinder.conf",
    "[file]",
    ["replication_device = backend_id:a,san_password:pw", "replication_device = backend_id:b,san_password:pw"],
    /^$/,
  ],
  [
    "words that YAML takes for booleans, where a text is due",
    { says: nova("libvirt", "live_migration_scheme: no"), node: "nova-compute" },
    "nova.conf",
    "[libvirt]",
    ["live_migration_scheme = no"],
    /live_migration_scheme = false/,
  ],
  [
    "what a template, Python or a shell would take for something else",
    { says: nova("DEFAULT", 'logging_context_format_string: "%(asctime)s {{ x }} {% raw %} $$x `a` #c ; d"') },
    "nova.conf",
    "[DEFAULT]",
    ["logging_context_format_string = %(asctime)s {{ x }} {% raw %} $$x `a` #c ; d"],
    /^$/,
  ],
  [
    "an option that one class sets and a later one takes out",
    {
      says: "",
      classes: {
        one: nova("filter_scheduler", "enabled_filters: [A]"),
        two: nova("filter_scheduler", "~enabled_filters: ~"),
      },
    },
    "nova.conf",
    "[filter_scheduler]",
    [],
    /enabled_filters = A/,
  ],
  [
    "an empty list",
    { says: nova("filter_scheduler", "enabled_filters: []") },
    "nova.conf",
    "[filter_scheduler]",
    ["enabled_filters ="],
    /^$/,
  ],
  [
    "names with values",
    { says: nova("DEFAULT", "default_log_levels: [amqp=WARN, $LEVEL]"), values: { LEVEL: "x=INFO" } },
    "nova.conf",
    "[DEFAULT]",
    ["default_log_levels = amqp=WARN,x=INFO"],
    /^$/,
  ],
  [
    "a dollar",
    { says: nova("DEFAULT", "instance_name_template: instance-$$x") },
    "nova.conf",
    "[DEFAULT]",
    ["instance_name_template = instance-$$x"],
    /^$/,
  ],
  [
    "a boolean by any of YAML's words",
    { says: nova("DEFAULT", "debug: yes") },
    "nova.conf",
    "[DEFAULT]",
    ["debug = true"],
    /^$/,
  ],
  [
    "a section in another case",
    { says: nova("VNC", "enabled: false") },
    "nova.conf",
    "[vnc]",
    ["enabled = false"],
    /\[VNC\]|enabled = true\nnovnc/,
  ],
  [
    "a parameter in a text",
    { says: nova("DEFAULT", "compute_driver: a-$WHAT.b"), values: { WHAT: "x$y" } },
    "nova.conf",
    "[DEFAULT]",
    ["compute_driver = a-x$$y.b"],
    /^$/,
  ],
  [
    "a parameter that is a list, for lines",
    { says: nova("pci", "alias: $ALIASES"), values: { ALIASES: "a,b" } },
    "nova.conf",
    "[pci]",
    ["alias = a", "alias = b"],
    /^$/,
  ],
  [
    "an option of one service",
    {
      says: "_options:\n  nova.conf: {DEFAULT: {debug: false}}\n_service_options:\n  conductor:\n    nova.conf: {DEFAULT: {debug: true}}",
    },
    "nova.conf",
    "[DEFAULT]",
    ["debug = true"],
    /debug = false/,
  ],
  [
    "an option of another service",
    { says: "_service_options:\n  scheduler:\n    nova.conf: {scheduler: {max_attempts: 9}}" },
    "nova.conf",
    "[scheduler]",
    [],
    /max_attempts/,
  ],
];

describe("what the model says of a file wins over what its template writes:", () => {
  for (const [what, saying, file, section, has, hasNot] of effects) {
    test(what, () => {
      const service = saying.node === undefined ? "conductor" : undefined;
      const text = textOf(saying, file, service, saying.values);
      const lines = sectionOf(text, section);
      for (const line of has) assert.ok(lines.includes(line), `${line} is not in\n${lines.join("\n")}`);
      if (hasNot.source !== "^$") assert.doesNotMatch(text, hasNot);
      assert.equal(text.split("\n").filter((line) => line === section).length, lines.length > 0 ? 1 : 0);
    });
  }

  test("a password in a URL cannot end it", () => {
    const says = nova("database", "connection: mysql+pymysql://$OWNER:$OWN_PASSWORD@db/nova?a=$OWNER");
    const text = textOf({ says }, "nova.conf", "conductor", { OWNER: "n@va", OWN_PASSWORD: "p@s/s:w?#" });
    assert.match(text, /^connection = mysql\+pymysql:\/\/n%40va:p%40s%2Fs%3Aw%3F%23@db\/nova\?a=n@va$/m);
  });

  test("uWSGI's other variables stay beside those of the model", () => {
    const says =
      "_options:\n  nova-api-uwsgi.ini:\n    uwsgi: {env: [A=b, OS_NOVA_DISABLE_EVENTLET_PATCHING=false], harakiri: 60}";
    const lines = sectionOf(textOf({ says }, "nova-api-uwsgi.ini", "api"), "[uwsgi]");
    assert.ok(lines.includes("env = A=b") && lines.includes("harakiri = 60"));
    assert.ok(lines.some((line) => line.startsWith("env = PLINTH_WSGI=")));
    assert.deepEqual(
      lines.filter((line) => line.includes("EVENTLET")),
      ["env = OS_NOVA_DISABLE_EVENTLET_PATCHING=false"],
    );
  });

  test("a later class, and the node, extend or override options, like every other value", () => {
    const classes = {
      one: nova("DEFAULT", "report_interval: 7\n      debug: true"),
      two: nova("DEFAULT", "report_interval: 8"),
    };
    const text = textOf({ says: nova("DEFAULT", "debug: ~"), classes }, "nova.conf", "conductor");
    assert.match(text, /report_interval = 8/);
    assert.doesNotMatch(text, /debug/);
  });

  test("a back end's section accepts options of back ends", () => {
    const says = "_options:\n  cinder.conf:\n    DEFAULT: {enabled_backends: [fast]}\n    fast: {volume_group: vg1}";
    assert.deepEqual(sectionOf(textOf({ node: "cinder-volume", says }, "cinder.conf", "volume"), "[fast]"), [
      "volume_group = vg1",
    ]);
  });

  test("an image without options has no data about them", () => {
    const { image } = mustBe(bakeSaying({ says: "_options:" }));
    assert.ok(!("options" in image) && !("contents" in image));
  });
});

describe("whole files of the model", () => {
  const file = (says: string, path: string, values: Record<string, string> = {}) =>
    textOf({ says: `_files:\n${says}` }, path, "api", values);

  test("are YAML with the model's types, and with parameters as texts", { skip: missingPython("yaml") }, () => {
    const text = file(
      '  /etc/nova/own.yaml:\n    content: {"a:b": "role:$WHO", c: [1, 2.0, true, ~, "yes", 07x], d: {}}',
      "own.yaml",
      { WHO: 'x" #\ny' },
    );
    const read = judge<Json>(new URL("judges/read_yaml.py", import.meta.url), text);
    assert.deepEqual(read, { "a:b": 'role:x" #\ny', c: [1, 2, true, null, "yes", "07x"], d: {} });
    assert.match(text, /2\.0/);
  });

  test("are JSON in the same way", () => {
    const text = file('  /etc/nova/own.json:\n    content: {"@plinth0@": "$WHO", b: [false, "@plinth"]}', "own.json", {
      WHO: '"\\\n',
    });
    assert.deepEqual(JSON.parse(text), { "@plinth0@": '"\\\n', b: [false, "@plinth"] });
  });

  test("are INI files by sections and options", () => {
    const says = "  /etc/nova/own.ini:\n    content: {app:main: {use: egg:x, n: 2}, other: {a: [b, c]}}";
    assert.equal(file(says, "own.ini"), "[app:main]\nuse = egg:x\nn = 2\n\n[other]\na = b\na = c\n");
  });

  test("are texts, unchanged with blanks and empty lines", () => {
    const says = "  /etc/nova/ca.pem:\n    content: |2\n        indented\n\n\n      $$5 and $WHO\t\n\n";
    assert.equal(file(says, "ca.pem", { WHO: "me" }), "  indented\n\n\n$5 and me\t\n");
  });

  test("have their mode, and belong to the services that they name", () => {
    const says = '_files:\n  /etc/nova/a: {content: x, mode: "0600", services: [api]}\n  /etc/nova/b: {content: y}';
    const baked = mustBe(bakeSaying({ says }));
    const settings = settingsOf(baked, parameters);
    const rendered = (service: string) =>
      mustBe(renderFiles(baked.image, settings, (baked.image as BakedImage).services[service]?.files ?? []))
        .filter(({ path }) => /\/[ab]$/.test(path))
        .map(({ path, mode }) => [path, mode]);
    assert.deepEqual(rendered("api"), [
      ["/etc/nova/a", 0o600],
      ["/etc/nova/b", 0o640],
    ]);
    assert.deepEqual(rendered("conductor"), [["/etc/nova/b", 0o640]]);
  });
});

/** A text as a scalar of the model: YAML's escapes, and dollars that name no parameter. */
const written = (text: string): string =>
  JSON.stringify(text.replaceAll("$", "$$$$")).replace(
    /[^ -~]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );

test("oslo.config reads back every text of the model unchanged", {
  skip: missingPython("oslo_config"),
}, () => {
  const list = new OptionList(load(listPath("nova", "2025.1")) ?? "");
  const free = list.records.filter(
    ({ type, choices, secret, group, auth_types, item, regex, max_length: longest }) =>
      ["Str", "MultiStr"].includes(type) &&
      !(choices || secret || auth_types || item || regex || longest) &&
      group !== "DEFAULT",
  );
  // Of the model itself are ${reference} and $[query]; surrogates are two escapes, which YAML does not join.
  const texts = awkwardTexts(4000, 23).filter(
    (text) => !/\$[[{]|[\ud800-\udfff]|:\/\//.test(text) && text.length < 2000,
  );
  const all = free.map((record, index) => ({ record, value: texts[index] ?? "" }));
  assert.ok(all.length > 250);
  const groups = [...new Set(all.map(({ record }) => record.group))];
  const says = [
    "_options:",
    "  nova.conf:",
    ...groups.flatMap((group) => [
      `    ${group}:`,
      ...all
        .filter(({ record }) => record.group === group)
        .map(({ record, value }) => `      ${record.name}: ${written(value)}`),
    ]),
  ].join("\n");
  const text = textOf({ says }, "nova.conf", "conductor");
  const directory = mkdtempSync(join(tmpdir(), "options-"));
  try {
    const file = join(directory, "nova.conf");
    writeFileSync(file, text);
    const options = all.map(({ record: { group, name, type } }) => ({
      group,
      name,
      type: type === "Str" ? "string" : "multi",
    }));
    const read = judge<readonly Json[]>(new URL("../render/judges/read_options.py", import.meta.url), {
      file,
      options,
    });
    const wrong = all.flatMap(({ record, value }, index) => {
      const meant = record.type === "Str" ? value : [value];
      return JSON.stringify(meant) === JSON.stringify(read[index])
        ? []
        : [{ name: record.name, value, read: read[index] }];
    });
    assert.deepEqual(wrong, []);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
