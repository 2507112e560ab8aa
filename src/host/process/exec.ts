import type { Diagnostic } from "../../diagnostics/diagnostic.ts";
import type { HandOver } from "../../handover/plan.ts";
import { hostMessage } from "../messages.ts";
import { environmentForKernel, wordsForKernel } from "../strings.ts";
import { homeOf, type Identity, powerless, reasonOf } from "./accounts.ts";
import { deliverPendingSignals } from "./signals.ts";

/** What came of trying to be somebody: done, not needed, or not possible. */
export type Switch = { readonly home: string; readonly warning?: Diagnostic } | { readonly problem: Diagnostic };

/**
 * Takes on an identity: supplementary groups first, then gid, then uid; after setuid(2) the right to change groups is
 * gone and the service would keep root's. A process that is not root stays who it is (Kubernetes runAsUser).
 *
 * Root without any capability cannot switch, and can do nothing that its files' owner could not: it stays, with a
 * warning. Root with some capabilities but without CAP_SETUID or CAP_SETGID is refused, so that no service runs as a root
 * that nobody meant (docs/decisions).
 */
export function switchTo(identity: Identity, user: string): Switch {
  const uid = process.geteuid?.() ?? 0;
  if (uid !== 0 || identity.uid === 0) return { home: identity.home };
  try {
    process.setgroups?.([...identity.groups]);
    process.setgid?.(identity.gid);
    process.setuid?.(identity.uid);
    return { home: identity.home };
  } catch (error) {
    const facts = { user, reason: reasonOf(error), uid: identity.uid, gid: identity.gid };
    if (powerless()) return { home: homeOf(0), warning: hostMessage("stays-root", facts) };
    return { problem: hostMessage("cannot-switch-user", facts) };
  }
}

/**
 * Becomes a program that `findProgram` has found just now: execve(2), so that no parent is left and no signal is eaten. A
 * signal that plinth has caught is reset to its default by that (execve(2)), one that was ignored stays ignored.
 */
export async function exec(file: string, plan: HandOver): Promise<never> {
  // A signal that came while the files were rendered was meant for the service, too: it would never hear of it.
  await deliverPendingSignals();
  process.execve?.(file, wordsForKernel(plan.command), environmentForKernel(plan.environment));
  throw new Error("execve returned");
}
