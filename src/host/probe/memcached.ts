import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { memcachedAnswers } from "../protocol/memcached.ts";
import { converse } from "./conversation.ts";

/** Ready when memcached says its version. */
export const attempt = (target: TargetOf<"memcached">, signal: AbortSignal, progress?: Progress): Promise<Outcome> =>
  converse(target, "memcached", memcachedAnswers, signal, progress);
