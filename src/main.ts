import { basename } from "node:path";
import { startingWords } from "./host/environment.ts";
import { endOnSignal } from "./host/signals.ts";

// Before anything else is loaded: see endOnSignal.
const ending: { last: (signal: string) => void } = { last: () => {} };
endOnSignal((signal) => ending.last(signal));

// The seed's manifests say `command: [/entrypoint.sh, api]`: a link of that name is `plinth start`.
const words = startingWords();
const asEntrypoint = basename(process.argv0) === "entrypoint.sh";

import("./cli/run.ts").then(({ run }) => run(asEntrypoint ? ["start", ...words] : words, ending));
