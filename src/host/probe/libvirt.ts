import type { Outcome, Progress, TargetOf } from "../../wait/probe.ts";
import { libvirtAnswers } from "../protocol/libvirt.ts";
import { converse } from "./conversation.ts";

/** Ready when libvirtd answers a call. */
export const attempt = (target: TargetOf<"libvirt">, signal: AbortSignal, progress?: Progress): Promise<Outcome> =>
  converse(target, "libvirt", libvirtAnswers, signal, progress);
