import { basename } from "node:path";
import { leaveIfToldTo } from "./host/leave.ts";
import { endOnSignal } from "./host/signals.ts";

leaveIfToldTo(process.argv.slice(2));

// Before anything else is loaded: see endOnSignal.
const ending: { last: (signal: NodeJS.Signals) => void } = { last: () => {} };
endOnSignal((signal) => ending.last(signal));

// The seed's manifests say `command: [/entrypoint.sh, api]`: a link of that name is `plinth start`.
const words = process.argv.slice(2);
const asEntrypoint = basename(process.argv0) === "entrypoint.sh";

import("./cli/run.ts").then(({ run }) => run(asEntrypoint ? ["start", ...words] : words, ending));
