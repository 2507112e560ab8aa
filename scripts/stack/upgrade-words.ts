import { modelWords } from "./model.ts";

/** What make was told of an upgrade. */
export type AskedUpgrade = {
  readonly to: string;
  /** Empty where nothing is said: the release that runs. */
  readonly from: string;
  readonly isBack: boolean;
  /** Images are built, and secrets made: neither for the way back, nor to see what would be done. */
  readonly changes: boolean;
  /** Whether all phases are wanted. */
  readonly isWhole: boolean;
  readonly words: readonly string[];
};

/** Reads TO, FROM, UNTIL, DRY_RUN and BACK. */
export function readAsked(environment: NodeJS.ProcessEnv): AskedUpgrade {
  const { TO: to = "", FROM: from = "", UNTIL: until = "", DRY_RUN: dry = "", BACK: back = "" } = environment;
  const isBack = back !== "";
  const words = [...(until === "" ? [] : ["--until", until]), ...(dry === "" ? [] : ["--dry-run"])];
  const changes = !isBack && dry === "";
  return { to, from, isBack, changes, isWhole: changes && until === "", words: isBack ? [] : words };
}

/** @returns plinth's words. @param engine those that say where the cloud is. */
export function upgradeWords(
  { isBack, to, words }: AskedUpgrade,
  from: string,
  environment: NodeJS.ProcessEnv,
  engine: readonly string[],
): readonly string[] {
  // Both releases are named: that of the model is neither's.
  const { VERSION: _, ...others } = environment;
  return [
    ...["upgrade", isBack ? "back" : "run", ...modelWords(others), "--templates", "config-templates"],
    ...["--from", from, "--to", to, ...engine, ...words],
  ];
}
