import type { Verb } from "./verb.ts";
