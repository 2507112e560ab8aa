import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ports } from "../src/openstack/ports.ts";

/** The model's class of ports, which is src/openstack/ports.ts in YAML: `make golden` writes it, and a test compares it. */
export const portClassFile = join(import.meta.dirname, "../model/classes/system/port.yml");

const head = `\
# Generated from src/openstack/ports.ts by "make golden": change it there. A deployment that wants another port sets it below
# _port of cluster.example, and every image follows: who listens, who calls, HAProxy's back ends, keystone's catalog.
parameters:
  _port:
`;

const tail = `\
    # keystone's internal API: a port of its own as long as there was one (system.release), then the public one.
    identity_internal: \${_port:identity}
`;

export const portClass = (): string =>
  `${head}${Object.entries(ports)
    .map(([name, port]) => `    ${name}: ${port}\n`)
    .join("")}${tail}`;

if (import.meta.main) writeFileSync(portClassFile, portClass());
