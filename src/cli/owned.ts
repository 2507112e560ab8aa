import type { WholeFile } from "../host/files.ts";
import type { RenderedFile } from "../render/rendered.ts";
import { underRoot } from "./inputs.ts";

/** Rendered files with their owner: root, so that the service can read but not change them, and the service's group. */
export const owned = (files: readonly RenderedFile[], gid: number, root: string | undefined): readonly WholeFile[] =>
  files.map(({ path, text, mode }) => ({ path: underRoot(path, root), text, mode, owner: { uid: 0, gid } }));

/** Whoever runs plinth: the owner of what is written for a person. */
export const ourselves = (): WholeFile["owner"] => ({ uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0 });
