import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { publishedSchemas } from "../src/pillar/publish.ts";

/** Writes docs/schema: `make schema`. A test holds that what is committed is what this writes. */
const directory = join(import.meta.dirname, "../docs/schema");

mkdirSync(directory, { recursive: true });
for (const [name, schema] of Object.entries(publishedSchemas())) {
  writeFileSync(join(directory, name), `${JSON.stringify(schema, null, 2)}\n`);
}
