import { maskOption } from "./mask.ts";
import { parseOslo } from "./oslo.ts";

/** An option that a drop-in file says. */
export type DroppedIn = {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  readonly section: string;
  readonly option: string;
  /** Masked, where its name is that of a secret or `secret` says so. */
  readonly value: string;
};

/** @returns every option of drop-in files, in the order in which they are read: of the same option the last counts. */
export const readDropIns = (
  files: readonly { readonly path: string; readonly text: string }[],
  secret: (section: string, option: string) => boolean,
): readonly DroppedIn[] =>
  files.flatMap(({ path, text }) =>
    parseOslo(text).map(({ section, option, value, line }) => ({
      file: path,
      line,
      section,
      option,
      value: maskOption(option, value, secret(section, option)),
    })),
  );
