import { type Known, knownOf, type Redact, redactor } from "../settings/redact.ts";
import type { Settings } from "../settings/settings.ts";

/** Names of variables that hold a secret, as long as no settings say which do. */
const secretName = /PASS|SECRET|TOKEN|KEY|CRED/i;

/** The variables that sound like a secret, less those that hold a path. */
const secretsOf = (environment: NodeJS.ProcessEnv): readonly string[] =>
  Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && secretName.test(name) && !name.endsWith("_FILE") ? [value] : [],
  );

/**
 * The second line of defence: no diagnostic is meant to hold a secret, but a server's own words may, or an error that nobody
 * foresaw. Begins with what the environment's names tell; what is protected once stays so, since a file of before may hold it.
 */
export function openProtection(environment: NodeJS.ProcessEnv): {
  readonly redact: Redact;
  readonly protect: (secrets: Settings | readonly string[]) => void;
} {
  const known: (() => Known)[] = [() => ({ secrets: secretsOf(environment), open: [] })];
  const all = (): Known => {
    const found = known.map((each) => each());
    return { secrets: found.flatMap(({ secrets }) => secrets), open: found.flatMap(({ open }) => open) };
  };
  let current = redactor(all);
  return {
    redact: { ours: (text) => current.ours(text), theirs: (text) => current.theirs(text) },
    protect(more) {
      known.push(
        "values" in more && !Array.isArray(more)
          ? () => knownOf(more as Settings)
          : () => ({ secrets: more as readonly string[], open: [] }),
      );
      current = redactor(all);
    },
  };
}
