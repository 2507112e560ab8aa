import type { Diagnostic } from "../diagnostics/diagnostic.ts";

/** Why a slot has no value. */
export class Fault {
  readonly diagnostic: Diagnostic;
  /** The reference that points to nothing: forgiven where a later layer overwrites it. */
  readonly missing: string | undefined;
  constructor(diagnostic: Diagnostic, missing?: string) {
    this.diagnostic = diagnostic;
    this.missing = missing;
  }
}
