/**
 * Writes a model that is hard to share: every node merges 52 classes that include each other three deep and say much of the same
 * mappings, and most values are references, many of them to what differs from node to node, to other mappings, or with a
 * reference in their path. `node test/model/generate-nested.ts DIR NODES`.
 */
import { pathToFileURL } from "node:url";
import { range, type TextFile, writeFiles } from "./generated-files.ts";

const parts = 30;
const roles = 60;
/** A role's parts: each brings its base and its defaults; 3 classes go before them, and the role comes last. */
const partsOfRole = 16;

const defaultsClass = (part: number): string => `parameters:
  _param:
    part${part}_host: \${_param:address}
    part${part}_port: ${7000 + part}
    part${part}_env: \${_param:environment}
    part${part}_prod_level: info
    part${part}_test_level: debug
  parts:
    part${part}:
      enabled: true
      log: {level: '\${_param:part${part}_\${_param:environment}_level}', file: /var/log/part${part}.log}
      limits: {soft: 1024, hard: 4096, ratio: 1.5}
      peers: [alpha, '\${_param:domain}']
  shared:
    listen: ['part${part}:\${_param:part${part}_port}']
    tree: {a: {b: {c: {part${part}: '\${_param:part${part}_host}'}}}}
`;

const baseClass = (part: number): string => `classes:
  - part.p${part}.defaults
applications: [part${part}]
parameters:
  _param:
    part${part}_url: http://\${_param:part${part}_host}:\${_param:part${part}_port}/v1
  parts:
    part${part}:
      url: \${_param:part${part}_url}
      bind: {host: '\${_param:part${part}_host}', port: '\${_param:part${part}_port}', name: '\${_reclass_:name:short}'}
      limits: {soft: 2048}
      options: {one: '\${_param:domain}', two: [1, 2, '\${_param:rack}'], three: {four: {five: '\${_param:part${part}_env}'}}}
      defaults: \${defaults:common}
`;

const partClass = (part: number): string => `classes:
  - part.p${part}.base
parameters:
  parts:
    part${part}:
      peers: ['\${_param:vip}', '\${_param:part${part}_url}']
      log: {tag: 'part${part}-\${_reclass_:name:full}'}
      neighbour: \${_param:part${(part + 1) % parts}_port}
      options: {three: {four: {six: '\${_param:vip}:\${_param:part${part}_port}'}}}
  shared:
    tree: {a: {b: {d: {part${part}: '\${_param:part${part}_url}'}}}}
`;

const commonClass = `parameters:
  _param:
    vip: 10.0.0.1
    domain: \${_param:site}.example.com
    site: prague
    environment: prod
${range(parts)
  .map((part) => `    part${part}_port: ${7000 + part}\n`)
  .join("")}
  defaults:
    common: {user: nobody, group: '\${_param:site}', umask: '022', paths: {run: /run, lib: '/var/lib/\${_param:site}'}}
`;

const hostClass = `parameters:
  host:
    name: \${_reclass_:name:full}
    address: \${_param:address}
    interfaces:
      eth0: {address: '\${_param:address}', gateway: '\${_param:vip}', mtu: 1500}
      eth1: {address: '\${_param:address}', rack: '\${_param:rack}'}
`;

const siteClass = `classes: [base.common, base.host]
parameters:
  _param: {rack: none}
`;

/** Of the parts: not next to each other, so that roles differ in where their lists part. None has a factor of `parts`. */
const steps = [1, 7, 11] as const;

const roleClass = (role: number): string => `classes:
  - base.site
${range(partsOfRole)
  .map((step) => `  - part.p${(role + step * (steps[role % steps.length] as number)) % parts}`)
  .join("\n")}
parameters:
  role: {name: role${role}, environment: '\${_param:environment}'}
`;

const nodeText = (index: number): string => `classes:
  - role.r${(index * 7) % roles}
parameters:
  _param:
    address: 10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}
    rack: rack${index % 40}
    environment: ${index % 2 === 0 ? "prod" : "test"}
`;

/** @returns every file of a model with this many nodes. */
export function* nestedModel(nodes: number): Generator<TextFile> {
  yield ["classes/base/common.yml", commonClass];
  yield ["classes/base/host.yml", hostClass];
  yield ["classes/base/site.yml", siteClass];
  for (const part of range(parts)) {
    yield [`classes/part/p${part}/defaults.yml`, defaultsClass(part)];
    yield [`classes/part/p${part}/base.yml`, baseClass(part)];
    yield [`classes/part/p${part}/init.yml`, partClass(part)];
  }
  for (const role of range(roles)) yield [`classes/role/r${role}.yml`, roleClass(role)];
  for (const index of range(nodes)) yield [`nodes/n${index}.yml`, nodeText(index)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFiles(process.argv[2] ?? "build/bench/nested", nestedModel(Number(process.argv[3] ?? 2000)));
}
