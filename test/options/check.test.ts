import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { placeText } from "../../src/diagnostics/frame.ts";
import { bakeSaying, type Saying, told } from "./support.ts";

const nova = (section: string, says: string): string => `_options:\n  nova.conf:\n    ${section}:\n      ${says}`;

/** What an option must not be: the code, what the message says, and how it is mended. */
const mistakes: readonly (readonly [what: string, saying: Saying, code: string, says: RegExp, fix: RegExp])[] = [
  [
    "an unknown section",
    { says: nova("schedulr", "workers: 1") },
    "option-section-unknown",
    /no section \[schedulr\]/,
    /\[scheduler\]/,
  ],
  [
    "an unknown option",
    { says: nova("scheduler", "wrkers: 1") },
    "option-unknown",
    /no option \[scheduler\] wrkers/,
    /workers.*It is: Number of workers/,
  ],
  [
    "an option of another section",
    { says: nova("DEFAULT", "virt_type: kvm") },
    "option-unknown",
    /virt_type/,
    /\[libvirt\]/,
  ],
  [
    "an option that is renamed",
    {
      node: "neutron-server",
      says: "_options:\n  ml2_conf.ini:\n    ml2: {tenant_network_types: [vlan]}",
      release: "2026.1",
    },
    "option-renamed",
    /is called \[ml2\] project_network_types/,
    /write \[ml2\] project_network_types/,
  ],
  [
    "an option that is gone",
    { says: nova("DEFAULT", "use_neutron: true"), release: "2025.1" },
    "option-unknown",
    /use_neutron/,
    /plinth options nova.conf/,
  ],
  [
    "an option that another release has",
    { says: nova("wsgi", "keep_alive: true"), release: "2026.1" },
    "option-gone",
    /2026\.1 no longer has \[wsgi\] keep_alive.*2025\.1 had it/,
    /remove it/,
  ],
  [
    "an option of a later release",
    { says: nova("scheduler", "workers: 1"), release: "liberty" },
    "option-gone",
    /liberty does not know \[scheduler\] workers.*yet/,
    /remove it/,
  ],
  [
    "a value of the wrong type",
    { says: nova("scheduler", "workers: many") },
    "option-value-wrong",
    /"many" does not fit/,
    /whole number.*Number of workers/,
  ],
  [
    "a value below its range",
    { says: nova("scheduler", "workers: -1") },
    "option-value-wrong",
    /"-1" does not fit/,
    /0 or more/,
  ],
  [
    "a value outside of its choices",
    { says: nova("libvirt", "virt_type: kvmm"), node: "nova-compute" },
    "option-value-wrong",
    /"kvmm" does not fit/,
    /one of kvm, lxc, qemu, parallels/,
  ],
  [
    "an invalid boolean",
    { says: nova("DEFAULT", "debug: perhaps") },
    "option-value-wrong",
    /"perhaps"/,
    /true or false/,
  ],
  [
    "a list where the option is not multi-valued",
    { says: nova("DEFAULT", "debug: [true, false]") },
    "option-value-wrong",
    /a list does not fit/,
    /true or false/,
  ],
  [
    "a mapping where a text is due",
    { says: nova("DEFAULT", "compute_driver: {a: b}") },
    "option-value-wrong",
    /a mapping does not fit/,
    /text/,
  ],
  [
    "a secret in plain text",
    { says: nova("keystone_authtoken", "password: hunter2") },
    "option-secret-open",
    /the model contains it in plain text/,
    /\$KEYSTONE_AUTHTOKEN_PASSWORD/,
  ],
  [
    "a password in a URL in plain text",
    { says: nova("database", "connection: mysql://nova:hunter2@$DB/nova") },
    "option-secret-open",
    /in plain text/,
    /dynamic parameter/,
  ],
  [
    "a part of a secret in plain text",
    { says: nova("keystone_authtoken", "password: hunter2$MORE") },
    "option-secret-open",
    /in plain text/,
    /dynamic parameter/,
  ],
  [
    "a secret in a list of dictionaries",
    {
      node: "cinder-volume",
      says: "_options:\n  cinder.conf:\n    lvm: {replication_device: [{backend_id: a, san_password: hunter2}]}",
    },
    "option-secret-open",
    /in plain text/,
    /dynamic parameter/,
  ],
  [
    "a password that no list knows",
    { node: "rabbitmq-server", says: "_options:\n  rabbitmq.conf: {default_pass: hunter2}" },
    "option-secret-open",
    /default_pass/,
    /DEFAULT_PASS/,
  ],
  [
    "an octal number",
    { says: nova("scheduler", "workers: 010") },
    "option-value-wrong",
    /010, which YAML reads as 8,/,
    /in decimal/,
  ],
  [
    "a time that YAML makes seconds of, in a list",
    { says: nova("filter_scheduler", "enabled_filters: [1:30]") },
    "option-value-wrong",
    /1:30, which YAML reads as 90,/,
    /in quotes/,
  ],
  [
    "a hexadecimal number where nothing is listed",
    { node: "mysql-server", says: "_options:\n  my.cnf:\n    mysqld: {max_connections: 0x10}" },
    "option-value-wrong",
    /0x10, which YAML reads as 16,/,
    /in decimal/,
  ],
  [
    "an invalid address",
    { says: nova("vnc", "server_listen: 300.0.2.1"), node: "nova-compute" },
    "option-value-wrong",
    /300.0.2.1/,
    /a host name or an IP address.*should listen/,
  ],
  [
    "a list without the brackets that it wants",
    {
      node: "glance-server",
      says: "_options:\n  glance-api.conf:\n    DEFAULT: {enabled_import_methods: web-download}",
    },
    "option-value-wrong",
    /web-download/,
    /in brackets/,
  ],
  [
    "an item outside of the choices",
    { says: nova("api", "vendordata_providers: [StaticJSON, Static]") },
    "option-value-wrong",
    /"Static"/,
    /one of StaticJSON, DynamicJSON/,
  ],
  [
    "a section whose name would end it",
    { says: nova('"DEFAULT]"', "debug: true") },
    "option-name-wrong",
    /cannot name a section/,
    /letters/,
  ],
  [
    "a name with other letters",
    { says: nova("DEFAULT", "débug: true") },
    "option-name-wrong",
    /cannot name a section/,
    /letters/,
  ],
  [
    "an option of a service that does not read the file",
    { says: "_service_options:\n  conductor:\n    nova-api-uwsgi.ini: {uwsgi: {procname: x}}" },
    "option-unread",
    /set for conductor, but it does not read/,
    /one that does: api/,
  ],
  [
    "an item that is nothing",
    { says: nova("filter_scheduler", "enabled_filters: [A, ~]") },
    "option-value-wrong",
    /nothing does not fit/,
    /a text/,
  ],
  [
    "a line break in a value",
    { says: nova("DEFAULT", 'compute_driver: "a\\ndebug = true"') },
    "option-value-wrong",
    /line break/,
    /one line/,
  ],
  [
    "an item with a comma",
    { says: nova("filter_scheduler", 'enabled_filters: ["A,B"]') },
    "option-unwritable",
    /holds a comma/,
    /write a value/,
  ],
  [
    "half a parameter",
    { says: nova("DEFAULT", 'host: "\\\\${A"') },
    "option-placeholder-malformed",
    /without the name of a parameter/,
    /\$NAME/,
  ],
  [
    "a file that the image has not",
    { says: "_options:\n  keystone.conf:\n    DEFAULT: {debug: true}" },
    "option-file-unknown",
    /nova-controller has no file keystone.conf/,
    /nova.conf/,
  ],
  [
    "a file without options",
    { says: "_options:\n  wsgi.py:\n    a: {b: c}" },
    "option-file-closed",
    /one by one/,
    /in text, which has no options/,
  ],
  [
    "a name with =",
    { says: nova("DEFAULT", '"debug = true": x') },
    "option-name-wrong",
    /cannot name a section or an option of nova.conf/,
    /letters/,
  ],
  [
    "a name with a line break",
    { says: nova("DEFAULT", '"a\\nb": x') },
    "option-name-wrong",
    /cannot name a section/,
    /letters/,
  ],
  [
    "a section that ends",
    { says: nova('"a]\\nx=1\\n[b"', "debug: x") },
    "option-name-wrong",
    /cannot name a section/,
    /letters/,
  ],
  ["a name with %", { says: nova("DEFAULT", '"%x": x') }, "option-name-wrong", /cannot name a section/, /letters/],
  [
    "a name that oslo.config has with -",
    { says: nova("DEFAULT", "use-stderr: x") },
    "option-unknown",
    /use-stderr/,
    /use_stderr/,
  ],
  [
    "an option said in two ways",
    {
      says: "_options:\n  nova.conf:\n    DEFAULT: {debug: true}\n  /etc/nova/nova.conf:\n    DEFAULT: {debug: false}",
    },
    "option-twice",
    /set twice/,
    /keep one/,
  ],
  [
    "sections that differ by case",
    { says: "_options:\n  nova.conf:\n    vnc: {enabled: true}\n    VNC: {enabled: false}" },
    "option-twice",
    /set twice/,
    /keep one/,
  ],
  [
    "an unknown service",
    { says: "_service_options:\n  schedulr:\n    nova.conf: {DEFAULT: {debug: true}}" },
    "option-service-unknown",
    /no service schedulr/,
    /scheduler/,
  ],
  [
    "options that are not a mapping",
    { says: "_options: true" },
    "option-shape-wrong",
    /_options is a single value/,
    /a mapping of files/,
  ],
  [
    "a section that is a list",
    { says: "_options:\n  nova.conf:\n    DEFAULT: [debug]" },
    "option-shape-wrong",
    /DEFAULT is a list/,
    /a mapping of options/,
  ],
  [
    "an invalid back end",
    { node: "cinder-volume", says: "_options:\n  cinder.conf:\n    lvmm: {volume_group: x}" },
    "option-section-unknown",
    /\[lvmm\]/,
    /./,
  ],
  [
    "a list in rabbitmq.conf",
    { node: "rabbitmq-server", says: "_options:\n  rabbitmq.conf: {heartbeat: [1, 2]}" },
    "option-value-wrong",
    /a list/,
    /one value/,
  ],
  [
    "a value that rabbitmq.conf cannot hold",
    { node: "rabbitmq-server", says: "_options:\n  rabbitmq.conf: {cluster_name: 'a b'}" },
    "option-unwritable",
    /no quotes/,
    /write a value/,
  ],
  [
    "a percent sign for uWSGI",
    { says: "_options:\n  nova-api-uwsgi.ini:\n    uwsgi: {procname: 'a%d'}" },
    "option-unwritable",
    /uWSGI would expand/,
    /write a value/,
  ],
  [
    "a section of HAProxy that would be a line of another",
    { node: "haproxy-server", says: "_options:\n  haproxy.cfg:\n    globl: {maxconn: 1}" },
    "option-name-wrong",
    /globl/,
    /keyword of a section/,
  ],
  [
    "a file of the model where plinth writes one",
    { says: "_files:\n  /etc/nova/nova.conf: {content: x}" },
    "file-path-wrong",
    /nova.conf/,
    /_options/,
  ],
  [
    "a file outside",
    { says: "_files:\n  /etc/nova/../../x: {content: x}" },
    "file-path-wrong",
    /_files cannot contain/,
    /\.\./,
  ],
  [
    "a file that is not absolute",
    { says: "_files:\n  policy.yaml: {content: x}" },
    "file-path-wrong",
    /policy.yaml/,
    /absolute/,
  ],
  [
    "a file in plinth's own directory",
    { says: "_files:\n  /run/plinth/x: {content: x}" },
    "file-path-wrong",
    /x/,
    /another directory/,
  ],
  [
    "a file without content",
    { says: "_files:\n  /etc/nova/a: {mode: '0600'}" },
    "file-content-wrong",
    /there is none/,
    /content/,
  ],
  [
    "a mode that YAML reads as another number",
    { says: "_files:\n  /etc/nova/a: {content: x, mode: 0644}" },
    "option-shape-wrong",
    /mode/,
    /in quotes/,
  ],
  [
    "a mode by which everybody may write",
    { says: "_files:\n  /etc/nova/a: {content: x, mode: '0666'}" },
    "option-shape-wrong",
    /mode/,
    /not everybody/,
  ],
  [
    "an unknown dialect",
    { says: "_files:\n  /etc/nova/a: {content: x, dialect: toml}" },
    "option-shape-wrong",
    /dialect/,
    /yaml/,
  ],
  [
    "a key that files have not",
    { says: "_files:\n  /etc/nova/a: {contents: x}" },
    "option-name-wrong",
    /contents/,
    /content/,
  ],
  [
    "a text that is not JSON",
    { says: "_files:\n  /etc/nova/a.json: {content: '{'}" },
    "file-content-wrong",
    /no JSON/,
    /./,
  ],
  [
    "a parameter in a text with quotes",
    { says: "_files:\n  /etc/nova/a.json: {content: '[\"$A\"]'}" },
    "file-content-wrong",
    /quotes/,
    /./,
  ],
];

describe("an option that cannot be right is an error when the image is baked:", () => {
  for (const [what, saying, code, says, fix] of mistakes) {
    test(what, () => {
      const baked = bakeSaying(saying);
      assert.ok(!baked.ok, "it was baked");
      const errors = baked.diagnostics.filter(({ severity }) => severity === "error");
      assert.deepEqual(
        errors.map((one) => one.code),
        [code],
        JSON.stringify(errors),
      );
      const [error] = errors;
      assert.match(error?.what ?? "", says);
      assert.match(error?.fix ?? "", fix);
      assert.match(error?.place ? placeText(error.place).at : "", /nodes\/[\w-]+\.yml:\d+:\d+$/);
      assert.doesNotMatch(JSON.stringify(errors), /hunter2/);
    });
  }
});

test("all mistakes are reported together, each in the class that wrote it", () => {
  const says = nova("scheduler", "workers: many");
  const classes = { one: nova("DEFAULT", "debugg: true"), two: "_files:\n  nowhere: {content: x}" };
  const errors = told({ says, classes });
  assert.deepEqual(
    errors.map(({ code, place }) => [code, place?.kind === "document" ? place.file.replace(/^\/model\//, "") : ""]),
    [
      ["option-unknown", "classes/one.yml"],
      ["file-path-wrong", "classes/two.yml"],
      ["option-value-wrong", "nodes/nova-controller.yml"],
    ],
  );
});

test("an option that plinth's waits depend on gives a warning, and wins", () => {
  const warnings = told({ says: nova("DEFAULT", "transport_url: rabbit://u:$BROKER_PASSWORD@other:5672/") });
  const [warning] = warnings.filter(({ code }) => code === "option-awaited");
  assert.match(warning?.what ?? "", /message_queue\.host/);
  assert.equal(told({ says: nova("scheduler", "max_attempts: 4") }).length, 0);
});

test("removing an option that no template writes gives a warning, because it changes nothing", () => {
  assert.deepEqual(
    told({ says: nova("scheduler", "max_attempts: ~") }).map(({ code }) => code),
    ["option-removal"],
  );
});

test("a reference to an option of the file gives a warning: the model would read a parameter", () => {
  const codes = told({ says: nova("vnc", "server_listen: $my_ip"), node: "nova-compute" }).map(({ code }) => code);
  assert.deepEqual(codes, ["option-reference", "option-awaited"]);
});

test("the options of a plugin are accepted unchecked if the plugin is named", () => {
  const says =
    "_unlisted_options: [nova.conf:vendor, nova.conf:DEFAULT:own]\n_options:\n  nova.conf:\n    vendor: {speed: 7}\n    DEFAULT: {own: [a, b]}";
  const baked = bakeSaying({ says });
  assert.ok(baked.ok);
});

test("an option with different types in classes is reported like any other clash of classes", () => {
  const classes = {
    one: nova("filter_scheduler", "enabled_filters: [A]"),
    two: nova("filter_scheduler", "enabled_filters: {a: b}"),
  };
  const baked = bakeSaying({ says: "", classes });
  assert.ok(!baked.ok);
  assert.ok(baked.diagnostics.every(({ place }) => place?.kind === "document"));
});

test("a dynamic parameter of two settings with different types must match both", () => {
  const baked = bakeSaying({ says: nova("DEFAULT", "debug: $SERVICE_COMPUTE_WORKERS") });
  assert.ok(baked.ok);
  const parameter = baked.value.details.contract.find(({ name }) => name === "SERVICE_COMPUTE_WORKERS");
  assert.equal(parameter?.kind, "boolean");
  assert.ok(parameter?.usedAt.some(({ path }) => path === "_options:nova.conf:DEFAULT:debug"));
});

test("dynamic parameters stand in the contract with the option's type and secrecy, for the services that read them", () => {
  const says = [
    "_service_options:",
    "  scheduler:",
    "    nova.conf:",
    "      scheduler: {workers: $SCHEDULERS}",
    "      service_user: {password: $OWN_PASSWORD}",
  ].join("\n");
  const baked = bakeSaying({ says });
  assert.ok(baked.ok);
  const { contract } = baked.value.details;
  const of = (name: string) => contract.find((one) => one.name === name);
  assert.deepEqual(
    [of("SCHEDULERS")?.kind, of("SCHEDULERS")?.neededBy, of("SCHEDULERS")?.secret],
    ["integer", ["scheduler"], false],
  );
  assert.deepEqual([of("OWN_PASSWORD")?.kind, of("OWN_PASSWORD")?.secret], ["string", true]);
  assert.deepEqual(of("SCHEDULERS")?.options, [
    { file: "/etc/nova/nova.conf", section: "scheduler", option: "workers" },
  ]);
});
