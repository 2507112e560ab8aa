/**
 * Writes a model in which every node exports something and asks what others export: for the nodes of its own group, the names
 * of all that are primary, and one address of each site. `node test/model/generate-queries.ts DIR NODES`.
 */
import { pathToFileURL } from "node:url";
import { range, type TextFile, writeFiles } from "./generated-files.ts";

/** Nodes that find each other: what an answer holds does not grow with the model. */
const groupSize = 8;

const baseClass = `parameters:
  _param:
    domain: example.com
    url: http://\${_param:address}:8080
  service:
    host: \${_reclass_:name:full}
    url: \${_param:url}
    tags: [base, '\${_param:group}']
    peers: $[ +AllEnvs exports:address if exports:group == self:_param:group ]
    first: $[ +AllEnvs if exports:primary == True and exports:group == self:_param:group ]
    leaders: $[ +AllEnvs exports:url if exports:leader == 1 ]
exports:
  address: \${_param:address}
  url: \${_param:url}
  group: \${_param:group}
  primary: \${_param:primary}
`;

const nodeText = (index: number): string => `classes: [base]
exports: {leader: ${index % 1000 === 0 ? 1 : 0}}
parameters:
  _param:
    address: 10.${(index >> 16) & 255}.${(index >> 8) & 255}.${index & 255}
    group: group${Math.floor(index / groupSize)}
    primary: ${index % groupSize === 0}
`;

/** @returns every file of a model with this many nodes. */
export function* queriesModel(nodes: number): Generator<TextFile> {
  yield ["classes/base.yml", baseClass];
  for (const index of range(nodes)) yield [`nodes/n${index}.yml`, nodeText(index)];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  writeFiles(process.argv[2] ?? "build/bench/queries", queriesModel(Number(process.argv[3] ?? 1000)));
}
