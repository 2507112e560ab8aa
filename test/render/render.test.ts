import assert from "node:assert/strict";
import { test } from "node:test";
import { renderFiles, renderTraced } from "../../src/render/render.ts";
import { boolean, list, map, port, secret, section, string } from "../../src/schema/field.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { diagnosticsOf, mustBe, plainSettings, smallImage } from "../support/rendering.ts";

const fields = {
  name: string("A name.", { optional: true }),
  tls: boolean("A flag."),
  tags: list("Tags.", string("Tag.")),
  password: secret("A secret."),
  database: section("Database.", {
    engine: string("Engine."),
    host: string("Host."),
    port: port("Port."),
    name: string("Name."),
    user: string("User."),
    password: secret("Password."),
  }),
  members: list("Members.", section("Member.", { host: string("Host."), port: port("Port.") })),
  services: map("Services.", section("Service.", { type: string("Type.") })),
};

const values = {
  name: "nova",
  tls: true,
  tags: ["a", "b"],
  password: "p4$$phrase",
  database: { engine: "mysql", host: "db", port: 3306, name: "nova", user: "nova", password: "s3 cret" },
  members: [
    { host: "mc1", port: 11211 },
    { host: "mc2", port: 11212 },
  ],
  services: { glance: { type: "image" } },
};
const secrets = ["password", "database.password"];
const settings = (changes: object = {}): Settings => plainSettings({ ...values, ...changes }, secrets);

const render = (main: string, changes: object = {}, more: Readonly<Record<string, string>> = {}) => {
  const { image, files } = smallImage(fields, { ...more, main });
  return renderFiles(image(), settings(changes), files);
};
const trace = (main: string, more: Readonly<Record<string, string>> = {}) => {
  const { image, files } = smallImage(fields, { ...more, main });
  const [file] = mustBe(renderTraced(image(), settings(), files));
  assert.ok(file);
  return file;
};
const textOf = (main: string, changes: object = {}, more: Readonly<Record<string, string>> = {}): string =>
  mustBe(render(main, changes, more))[0]?.text ?? "";

test("a template renders its settings", () => {
  const rows: readonly (readonly [template: string, text: string])[] = [
    ["a = {{ settings.name }}", "a = nova\n"],
    ["a = {{ settings.password }}", "a = p4$$$$phrase\n"],
    ["url = {{ settings.name }}/{{ settings.tls }}/x", "url = nova/true/x\n"],
    ["a = {{ settings.tags }}", "a = a,b\n"],
    ['{{ multi("tag", settings.tags) }}', "tag = a\ntag = b\n"],
    ["{% for m in settings.members %}\nm = {{ m.host }}:{{ m.port }}\n{% endfor %}", "m = mc1:11211\nm = mc2:11212\n"],
    ["{% for n, s in settings.services %}\n{{ n }}_type = {{ s.type }}\n{% endfor %}", "glance_type = image\n"],
    ['a = {{ "on" if settings.tls else "off" }}', "a = on\n"],
    ["a = {{ settings.members[1].host }}", "a = mc2\n"],
    ["{% if settings.name is none %}\na = 1\n{% else %}\na = 2\n{% endif %}", "a = 2\n"],
    ["\n\n[a]\n\n\n\n   b = 1   \n\n", "[a]\n\nb = 1\n"],
    ["c = {{ databaseUrl(settings.database) }}", "c = mysql+pymysql://nova:s3%20cret@db:3306/nova\n"],
  ];
  for (const [template, text] of rows) assert.equal(textOf(template), text);
});

test("macros of another file see the flags and write in the file's dialect", () => {
  const shared =
    "{% macro db(name, d) %}\n[{{ name }}]\nhost = {{ d.host }}\n{% if has.pymysql %}\nmodern = {{ d.port }}\n{% endif %}\n{% endmacro %}";
  const text = textOf('{% import "shared" as s %}\n{{ s.db("x", settings.database) }}\nend = 1', {}, { shared });
  assert.equal(text, "[x]\nhost = db\nmodern = 3306\nend = 1\n");
});

test("only its account's group can read a file", () => {
  const [file] = mustBe(render("a = 1"));
  assert.deepEqual(
    { ...file, text: "" },
    { path: "/etc/test/main.conf", text: "", mode: 0o640, owner: "root", group: "test" },
  );
});

test("every value that cannot be written is reported with template, line and expression", () => {
  const main =
    'a = {{ settings.name }}\n{% import "shared" as s %}\n{{ s.tags(settings) }}\nc = {{ databaseUrl(settings.database) }}';
  const shared = "{% macro tags(all) %}\ntags = {{ all.tags }}\n{% endmacro %}";
  const result = render(main, { name: null, tags: ["a,b"], database: { ...values.database, host: null } }, { shared });
  assert.deepEqual(
    diagnosticsOf(result).map(({ code, what, place }) => [code, what, place]),
    [
      ["value-undefined", "`{{ settings.name }}` has no value", { kind: "document", file: "main", line: 1, column: 5 }],
      [
        "value-unfit",
        "the value of `{{ all.tags }}` cannot be written: an item of the list holds a comma, which separates items",
        { kind: "document", file: "shared", line: 2, column: 8 },
      ],
      [
        "value-unfit",
        "the value of `{{ databaseUrl(settings.database) }}` cannot be written: its host is not set",
        { kind: "document", file: "main", line: 4, column: 5 },
      ],
    ],
  );
});

test("a refused value is named by its setting and what filled it, never shown", () => {
  const { image, files } = smallImage(fields, { main: "a = {{ settings.password }}" });
  const origin = { from: "environment", place: "SERVICE_PASSWORD" } as const;
  const filled = new Map([["password", [{ name: "SERVICE_PASSWORD", origin, overrode: [] }]]]);
  const result = renderFiles(image(), { ...settings({ password: "hush\nhush" }), filled }, files);
  const [diagnostic] = diagnosticsOf(result);
  assert.equal(diagnostic?.fix, "change `password` (from SERVICE_PASSWORD)");
  assert.doesNotMatch(JSON.stringify(result), /hush/);
});

test("a value alone on its line is not an option, and whole lines are not a value", () => {
  assert.deepEqual(
    diagnosticsOf(render("{{ settings.name }}")).map(({ code }) => code),
    ["value-unfit"],
  );
  assert.deepEqual(
    diagnosticsOf(render('a = {{ multi("b", settings.tags) }}')).map(({ code }) => code),
    ["value-unfit"],
  );
});

test("a traced file lists the settings of each option", () => {
  const main = [
    '{% import "shared" as s %}',
    "[one]",
    "fixed = 1",
    "{% if settings.tls %}",
    "a = {{ settings.name }}",
    "{% endif %}",
    '{{ multi("tag", settings.tags) }}',
    "[two]",
    "url = x/{{ settings.name }}/{{ settings.tls }}",
    "{{ s.database(settings.database) }}",
    "{% for m in settings.members %}",
    "host = {{ m.host }}",
    "{% endfor %}",
  ].join("\n");
  const shared = "{% macro database(db) %}\n{% if db.port %}\nhost = {{ db.host }}\n{% endif %}\n{% endmacro %}";
  assert.deepEqual(
    trace(main, { shared }).options.map(({ section, option, line, value, paths }) => [
      section,
      option,
      line,
      value,
      paths,
    ]),
    [
      ["one", "fixed", 2, "1", []],
      ["one", "a", 3, "nova", ["name"]],
      ["one", "tag", 4, "a", ["tags", "tags.0", "tags.1"]],
      ["one", "tag", 5, "b", ["tags", "tags.0", "tags.1"]],
      ["two", "url", 7, "x/nova/true", ["name", "tls"]],
      ["two", "host", 8, "db", ["database.host"]],
      ["two", "host", 9, "mc1", ["members.0.host"]],
      ["two", "host", 10, "mc2", ["members.1.host"]],
    ],
  );
});

test("a traced file has the text of the rendered one, and a twin without secrets", () => {
  const main =
    "{% set hidden = settings.password %}\n\n\n[x]\npassword = {{ settings.password }}\nurl = {{ databaseUrl(settings.database) }}\nalias = {{ hidden }}\nname = {{ settings.name }}";
  const file = trace(main);
  assert.equal(file.text, textOf(main));
  assert.equal(
    file.masked,
    "[x]\npassword = ********\nurl = mysql+pymysql://nova:********@db:3306/nova\nalias = ********\nname = nova\n",
  );
  assert.doesNotMatch(JSON.stringify(file.options), /p4|s3/);
});
