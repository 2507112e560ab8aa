import type { Origin } from "../settings/settings.ts";

/** A dynamic parameter's text as one source gives it. May be a secret. */
export type Given = { readonly text: string; readonly origin: Origin };

/** What one source gives, by name. Layers stand in order, the weakest first. */
export type Layer = ReadonlyMap<string, Given>;
