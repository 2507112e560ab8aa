import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import Ajv2020 from "ajv/dist/2020.js";
import { upgrades } from "../../src/openstack/upgrades.ts";
import type { Phase, Plan } from "../../src/upgrade/plan.ts";
import { planOf, type Said, sideOf } from "../support/upgrades.ts";

// `ajv` is CommonJS: see test/schema/json-schema.test.ts.
const Ajv = (Ajv2020 as unknown as { default: typeof Ajv2020 }).default ?? Ajv2020;
type Validate = { (data: unknown): boolean; readonly errors?: unknown };
const ajv = new (Ajv as unknown as new (options: object) => { compile(schema: object): Validate })({
  allErrors: true,
  strict: true,
  allowUnionTypes: true,
});
const isPlan = ajv.compile(JSON.parse(readFileSync("docs/upgrade/plan.schema.json", "utf8")));

const two = Object.fromEntries(
  ["keystone_server", "glance_server", "placement_server", "neutron_server", "nova_controller", "heat_server"].map(
    (name) => [`_param:${name}_replicas`, "2"],
  ),
);

/** Pairs that upstream supports, and such as need an infrastructure replaced, or lose and win services. */
const pairs: readonly (readonly [title: string, from: string, to: string, said: Said])[] = [
  ["kilo → liberty", "kilo", "liberty", {}],
  ["2025.1 → 2025.2", "2025.1", "2025.2", {}],
  ["2025.1 → 2026.1", "2025.1", "2026.1", {}],
  ["2025.2 → 2026.1", "2025.2", "2026.1", {}],
  ["2026.1 → 2026.2", "2026.1", "2026.2", {}],
  ["2025.1 → 2026.1 with two replicas", "2025.1", "2026.1", two],
  ["2025.1 → 2026.1 on the machine's network", "2025.1", "2026.1", { "_param:control_network": "host" }],
  ["2025.1 → 2026.1 with OpenContrail", "2025.1", "2026.1", { "_param:networking": "contrail" }],
  ["zed → 2025.1, for what it does to services and infrastructure", "zed", "2025.1", {}],
  ["liberty → zed, for the same", "liberty", "zed", {}],
];

const at = ({ phases }: Plan, is: (phase: Phase) => boolean): readonly number[] =>
  phases.flatMap((phase, index) => (is(phase) ? [index] : []));

describe("a plan", () => {
  for (const [title, from, to, said] of pairs) {
    describe(title, () => {
      const plan = planOf(from, to, said);
      const { phases } = plan;
      const deployed = (release: string) =>
        sideOf(release, said).deployment.workloads.filter(({ kind }) => kind === "service");

      test("matches its schema", () => {
        assert.ok(isPlan(JSON.parse(JSON.stringify(plan))), JSON.stringify(isPlan.errors, null, 1));
      });

      test("rolls every service of both releases once, or leaves it as it is", () => {
        const rolled = phases
          .filter(({ what }) => what === "roll" || what === "infrastructure")
          .flatMap(({ services }) => services.map(({ workload }) => workload));
        const all = [...rolled, ...plan.kept.map(({ workload }) => workload)];
        const both = [...deployed(from), ...deployed(to)].map(({ name }) => name);
        assert.deepEqual(all.toSorted(), [...new Set(both)].toSorted());
      });

      test("rolls every container, and says of each whether it comes, goes or is replaced", () => {
        const containers = (release: string) =>
          deployed(release)
            .filter(({ name }) => !plan.kept.some(({ workload }) => workload === name))
            .flatMap((one) => one.containers.map(({ name }) => name));
        const services = phases
          .filter(({ what }) => what === "roll" || what === "infrastructure")
          .flatMap((phase) => phase.services);
        for (const side of ["before", "after"] as const) {
          const release = side === "before" ? from : to;
          const listed = services.flatMap((one) => one.containers[side]);
          assert.deepEqual(listed.toSorted(), containers(release).toSorted());
          for (const one of services) {
            assert.equal(one[side] === null, one.containers[side].length === 0);
            if (one[side] !== null) assert.ok(one[side]?.endsWith(`/${one.image}:${release}`));
          }
        }
        for (const { change, before, after } of services) {
          assert.equal(change, before === null ? "appears" : after === null ? "goes" : "replaced");
        }
      });

      test("names each phase once", () => {
        const ids = phases.map(({ id }) => id);
        assert.deepEqual(ids, [...new Set(ids)]);
      });

      test("contracts and moves data after all services of the component are replaced", () => {
        for (const { component } of upgrades) {
          const own = (what: Phase["what"]) =>
            at(plan, (phase) => phase.component === component && phase.what === what);
          const lastRoll = Math.max(-1, ...own("roll"), ...own("unpin"));
          const late = [
            ...own("contract"),
            ...own("online migrations").filter((index) => phases[index]?.jobs[0]?.of === "to"),
          ];
          for (const index of late) assert.ok(index > lastRoll, phases[index]?.id);
          for (const what of ["expand", "migrate", "check"] as const)
            for (const index of own(what)) assert.ok(index < Math.min(Infinity, ...own("roll")), phases[index]?.id);
        }
      });

      test("marks every phase after a certain one as irreversible", () => {
        const impossible = at(plan, ({ back }) => !back.possible);
        const first = impossible[0] ?? phases.length;
        assert.deepEqual(impossible, phases.map((_, index) => index).slice(first));
        for (const { back } of phases.slice(first)) assert.deepEqual([back.jobs, back.commands], [[], []]);
        // Not a service of the new release is needed for what takes the way back, but where a schema is for one release.
        assert.ok(first > 2);
      });

      test("runs jobs that are in the deployment whose file its commands name", () => {
        for (const { id, jobs, commands } of phases) {
          for (const [index, job] of jobs.entries()) {
            const release = job.of === "from" ? from : to;
            const workload = sideOf(release, said).deployment.workloads.find(({ name }) => name === job.workload);
            assert.equal(workload?.service, job.service, id);
            assert.equal(workload?.kind, "job", id);
            assert.ok(job.image.endsWith(`/${workload?.image}:${release}`), id);
            assert.match(commands[index] ?? "", new RegExp(`--file compose-${release}\\.yaml run .*${job.workload}`));
          }
        }
      });

      test("needs options that the files of the new release have", () => {
        for (const { id, services, settings } of phases) {
          for (const { file, section, option, value } of settings) {
            for (const { image } of services) {
              const written = sideOf(to, said)
                .images.find(({ name }) => name === image)
                ?.files.find(({ path }) => path === file)
                ?.options.find((one) => one.section === section && one.option === option);
              assert.equal(written?.value, value, `${id}: ${image}`);
            }
          }
        }
      });

      test("has a condition to wait for in each phase", () => {
        for (const { id, waits } of phases) assert.ok(waits.length > 0, id);
      });
    });
  }
});

describe("the order of phases", () => {
  const ids = (from: string, to: string, said: Said = {}): readonly string[] =>
    planOf(from, to, said).phases.map(({ id }) => id);

  /** As upstream's guides have it: each component's, and nothing of the others in between. */
  const orders: readonly (readonly [component: string, ids: readonly string[]])[] = [
    ["keystone", ["expand", "job-setup", "roll", "job-catalog", "contract"]],
    ["glance", ["expand", "migrate", "check", "roll", "contract"]],
    ["placement", ["migrate", "check", "roll", "online-migrations"]],
    [
      "nova",
      [
        ...["finish-online-migrations", "migrate", "check", "job-setup", "roll-conductor", "roll-control"],
        ...["roll-compute", "unpin", "online-migrations"],
      ],
    ],
    ["neutron", ["expand", "check-offline", "check", "roll-server", "roll-agents", "contract"]],
    [
      "cinder",
      [
        ...["finish-online-migrations", "migrate", "check", "roll-scheduler", "roll-volume", "roll-api"],
        ...["unpin", "online-migrations"],
      ],
    ],
    ["heat", ["migrate", "check", "roll"]],
    ["horizon", ["roll"]],
  ];
  for (const [component, own] of orders) {
    test(`of ${component}, 2025.1 → 2026.1`, () => {
      const mine = ids("2025.1", "2026.1").filter((id) => id.startsWith(`${component}-`));
      assert.deepEqual(
        mine,
        own.map((id) => `${component}-${id}`),
      );
    });
  }

  test("components are upgraded one after the other: keystone first, placement before nova", () => {
    const rolls = planOf("2025.1", "2026.1").phases.flatMap(({ what, component }) =>
      what === "roll" ? [component] : [],
    );
    assert.deepEqual(
      [...new Set(rolls)],
      ["keystone", "glance", "placement", "nova", "neutron", "cinder", "heat", "horizon"],
    );
  });

  test("a component whose schema is for one release is stopped before it, and there is no way back from there", () => {
    const { phases } = planOf("kilo", "liberty");
    for (const component of ["keystone", "glance", "cinder", "heat"]) {
      const own = phases.filter((phase) => phase.component === component && phase.what !== "job");
      assert.deepEqual([...new Set(own.map(({ what }) => what))], ["stop", "migrate", "roll"]);
      const [stopped, rolled] = ["stop", "roll"].map((what) =>
        own.filter((phase) => phase.what === what).flatMap(({ services }) => services.map(({ workload }) => workload)),
      );
      assert.deepEqual(stopped?.toSorted(), rolled?.toSorted());
    }
    assert.equal(phases.find(({ back }) => !back.possible)?.id, "keystone-migrate");
  });

  test("liberty's migrations of nova wait for the flavors that kilo moves", () => {
    const [phase] = planOf("kilo", "liberty").phases.filter(({ jobs }) =>
      jobs.some(({ command }) => command.includes("migrate_flavor_data")),
    );
    assert.equal(phase?.jobs[0]?.of, "from");
  });

  test("of two replicas one is replaced after the other", () => {
    const roll = planOf("2025.1", "2026.1", two).phases.find(({ id }) => id === "keystone-roll");
    assert.deepEqual(
      roll?.commands.map((command) => command.split(" ").at(-1)),
      ["keystone-server", "keystone-server-2"],
    );
    assert.deepEqual(
      roll?.back.commands.map((command) => command.split(" ").at(-1)),
      ["keystone-server", "keystone-server-2"],
    );
  });

  test("neutron without a database of its own has no jobs, and is rolled", () => {
    const own = ids("2025.1", "2026.1", { "_param:networking": "contrail" }).filter((id) => id.startsWith("neutron-"));
    assert.deepEqual(own, ["neutron-roll-server"]);
  });
});

describe("infrastructure", () => {
  for (const [from, to] of [
    ["kilo", "liberty"],
    ["2025.1", "2026.1"],
    ["2026.1", "2026.2"],
  ] as const) {
    test(`stays as it is from ${from} to ${to}: the same packages on the same base`, () => {
      const plan = planOf(from, to);
      assert.deepEqual(
        plan.phases.filter(({ what }) => what === "infrastructure"),
        [],
      );
      const kept = plan.kept.map(({ workload }) => workload);
      for (const name of ["mysql-server", "rabbitmq-server", "libvirt-compute", "ovsdb"])
        assert.ok(kept.includes(name));
      for (const { image } of plan.kept) assert.ok(image.endsWith(`:${from}`));
    });
  }

  test("is replaced if its packages differ, and a hypervisor's phase says what happens to its servers", () => {
    const { phases } = planOf("zed", "2025.1");
    const [control, hypervisors] = phases.filter(({ what }) => what === "infrastructure");
    assert.deepEqual([control?.id, hypervisors?.id], ["infrastructure", "infrastructure-hypervisors"]);
    assert.ok(control?.services.some(({ workload }) => workload === "mysql-server"));
    assert.ok(hypervisors?.services.some(({ workload }) => workload === "libvirt-compute"));
    assert.match(hypervisors?.why ?? "", /servers of a hypervisor end with it/);
    assert.equal(control?.back.possible, false);
  });

  test("no command touches what is left as it is", () => {
    const plan = planOf("2025.1", "2026.1");
    const kept = new Set(plan.kept.map(({ workload }) => workload));
    for (const { commands, back } of plan.phases) {
      for (const command of [...commands, ...back.commands]) {
        if (!/ (up|rm|stop|restart) /.test(command)) continue;
        const names = command.split(" ").filter((word) => kept.has(word));
        assert.deepEqual(names, [], command);
        if (/ up /.test(command)) assert.match(command, / --no-deps --wait \S/);
      }
    }
  });
});

describe("what else changes", () => {
  test("services that appear and disappear are named, and are only in their own phase", () => {
    const plan = planOf("liberty", "zed");
    assert.ok(plan.services.gone.includes("nova-cert"));
    assert.ok(plan.services.gone.includes("nova-consoleauth"));
    assert.ok(plan.services.new.includes("placement-server"));
    const [goes] = plan.phases.flatMap(({ services }) => services.filter(({ workload }) => workload === "nova-cert"));
    assert.equal(goes?.change, "goes");
    assert.ok(plan.jobs.new.includes("placement-db-sync"));
    assert.ok(plan.parameters.new.some(({ name }) => name === "SERVICE_PLACEMENT_PASSWORD"));
  });

  test("options are listed by their possible files", () => {
    const { options } = planOf("2025.1", "2026.1");
    const neutron = options.find(({ component }) => component === "neutron");
    assert.ok(neutron?.files.includes("/etc/neutron/plugins/ml2/ml2_conf.ini"));
    assert.ok(neutron?.changes.some(({ kind, option }) => kind === "renamed" && option === "tenant_network_types"));
  });

  test("files are compared as they are rendered, without a secret", () => {
    const { files } = planOf("2025.1", "2026.1");
    const ml2 = files.find(({ path }) => path.endsWith("ml2_conf.ini"));
    const lines = ml2?.hunks.flatMap((hunk) => hunk.lines.filter(({ sign }) => sign !== " ")) ?? [];
    assert.deepEqual(
      lines.map(({ sign, text }) => `${sign}${text.split(" ")[0]}`),
      ["-tenant_network_types", "+project_network_types"],
    );
    assert.ok(files.some(({ change }) => change === "same"));
    assert.doesNotMatch(JSON.stringify(files), /0{32}/);
    for (const { change, added, removed } of files) assert.equal(change === "same", added + removed === 0);
  });
});
