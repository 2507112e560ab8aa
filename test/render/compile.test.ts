import assert from "node:assert/strict";
import { test } from "node:test";
import { boolean, list, map, port, section, string } from "../../src/schema/field.ts";
import { diagnosticsOf, mustBe, smallImage } from "../support/rendering.ts";

const fields = {
  name: string("A name."),
  tls: boolean("A flag."),
  database: section("Database.", { host: string("Host."), port: port("Port.") }),
  members: list("Members.", section("Member.", { host: string("Host.") })),
  services: map("Services.", section("Service.", { type: string("Type.") })),
};

/** A template, where in it the mistake is, and what is said of it. */
type Row = readonly [title: string, template: string, line: number, code: string, what: RegExp, fix: RegExp];

const rows: readonly Row[] = [
  [
    "a setting that the schema does not have",
    "a = {{ settings.nmae }}",
    1,
    "template-name-unknown",
    /`nmae` in `settings`/,
    /`name`/,
  ],
  [
    "a setting below another",
    "\na = {{ settings.database.hots }}",
    2,
    "template-name-unknown",
    /`hots` in `settings.database`/,
    /`host`/,
  ],
  [
    "a key of what is no section",
    "a = {{ settings.name.first }}",
    1,
    "template-name-unknown",
    /`first` in `settings.name`/,
    /none/,
  ],
  ["a setting in a condition", "{% if settings.tlz %}{% endif %}", 1, "template-name-unknown", /`tlz`/, /`tls`/],
  [
    "a setting of a loop's item",
    "{% for m in settings.members %}\na = {{ m.hostt }}\n{% endfor %}",
    2,
    "template-name-unknown",
    /`hostt`/,
    /`host`/,
  ],
  [
    "a setting of a map's value",
    "{% for n, s in settings.services %}\na = {{ s.tpye }}\n{% endfor %}",
    2,
    "template-name-unknown",
    /`tpye`/,
    /`type`/,
  ],
  [
    "a setting of a variable",
    "{% set db = settings.database %}\na = {{ db.prot }}",
    2,
    "template-name-unknown",
    /`prot`/,
    /`port`/,
  ],
  [
    "a setting inside of a macro, by what it is called with",
    "{% macro m(db) %}\na = {{ db.prot }}\n{% endmacro %}\n{{ m(settings.database) }}",
    2,
    "template-name-unknown",
    /`prot` in `settings.database`/,
    /`port`/,
  ],
  [
    "a name inside of a macro that nobody calls",
    "{% macro m(db) %}\na = {{ settigns.x }}\n{% endmacro %}",
    2,
    "template-name-unknown",
    /`settigns`/,
    /`settings`/,
  ],
  [
    "a flag of no feature",
    "{% if has.transport_ulr %}{% endif %}",
    1,
    "template-name-unknown",
    /`transport_ulr` in `has`/,
    /`transport_url`/,
  ],
  [
    "an unknown function",
    "a = {{ databseUrl(settings.database) }}",
    1,
    "template-name-unknown",
    /`databseUrl`/,
    /`databaseUrl`/,
  ],
  [
    "an unknown test",
    "{% if settings.name is nonne %}{% endif %}",
    1,
    "template-name-unknown",
    /test `nonne`/,
    /`null`/,
  ],
  [
    "an unknown macro of another file",
    '{% import "other" as o %}\n{{ o.two() }}',
    2,
    "template-name-unknown",
    /`two` in `other`/,
    /`one`/,
  ],
  ["a filter", "a = {{ settings.name | upper }}", 1, "template-tag-unsupported", /filters/, /no filters/],
  [
    "joining, which would make a text of nothing",
    'a = {{ settings.name ~ "x" }}',
    1,
    "template-tag-unsupported",
    /joining/,
    /./,
  ],
  ["inheritance", '{% extends "other" %}', 1, "template-tag-unsupported", /extends/, /./],
  ["a template that does not exist", '\n{% include "nowhere" %}', 2, "template-missing", /nowhere/, /config-templates/],
  [
    "a template whose name depends on a setting",
    "{% include settings.name %}",
    1,
    "template-include-computed",
    /only at start/,
    /./,
  ],
  ["templates that include each other", '{% include "loop" %}', 1, "template-circular", /main -> loop -> loop/, /./],
  ["a tag that is not closed", "a\n{% if settings.tls %}", 2, "template-syntax", /expected elif, else, or endif/, /./],
];

const others = { other: "{% macro one() %}{% endmacro %}", loop: '{% include "loop" %}' };

test("a mistake in a template is found when the image is baked, with its place", async (t) => {
  for (const [title, template, line, code, what, fix] of rows) {
    await t.test(title, () => {
      const { compiled } = smallImage(fields, { ...others, main: template });
      const [diagnostic, ...more] = diagnosticsOf(compiled);
      assert.ok(diagnostic);
      assert.deepEqual(more, []);
      assert.equal(diagnostic.code, code);
      assert.match(diagnostic.what, what);
      assert.match(diagnostic.fix, fix);
      if (code !== "template-circular") assert.equal((diagnostic.place as { line: number }).line, line);
    });
  }
});

test("all mistakes of all templates are reported together", () => {
  const main = 'a = {{ settings.x }}\nb = {{ settings.y }}\n{% include "part" %}';
  const { compiled } = smallImage(fields, { main, part: "c = {{ settings.z }}" });
  const places = diagnosticsOf(compiled).map(({ place }) => place as { file: string; line: number });
  assert.deepEqual(
    places.map(({ file, line }) => `${file}:${line}`),
    ["main:1", "main:2", "part:1"],
  );
});

test("an unused part of a template is neither compiled into an image nor checked against its schema", () => {
  const main = [
    "{% if has.api_database %}a = {{ settings.name }}{% else %}a = {{ settings.gone }}{% endif %}",
    '{% if image.role == "small" or not has.placement %}{% endif %}',
    "{% if has.nova_cert and settings.gone %}{% endif %}",
    '{% include "part-" + image.role %}',
  ].join("\n");
  const { templates, sources } = mustBe(smallImage(fields, { main, "part-small": "b = 1" }).compiled);
  assert.deepEqual(Object.keys(templates), ["main"]);
  assert.deepEqual(Object.keys(sources), ["main", "part-small"]);
  assert.doesNotMatch(templates["main"] ?? "", /gone/);
});
