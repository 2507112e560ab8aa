import { basename } from "node:path";
import { startingWords } from "./host/environment.ts";
import { endOnSignal, leaveAnswersToWrites } from "./host/process/signals.ts";

// The manifests of the seed (docs/glossary.md) say `command: [/entrypoint.sh, api]`: a link of that name is `plinth start`.
const given = startingWords();
const words = basename(process.argv0) === "entrypoint.sh" ? ["start", ...given] : given;

/** Verbs that have something to say, a child to end, or keys to finish. All others a signal ends as the kernel does it: at once. */
const handling = new Set(["start", "wait", "watch", "keys"]);

// Before anything else is loaded: see endOnSignal.
const ending: { last: (signal: string) => void } = { last: () => {} };
leaveAnswersToWrites();
if (process.pid === 1 || handling.has(words[0] ?? "")) endOnSignal((signal) => ending.last(signal));

import("./cli/run.ts").then(({ run }) => run(words, ending));
