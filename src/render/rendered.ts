/** A file as it shall be: whole text, owner by name, mode. */
export type RenderedFile = {
  /** Absolute, where the service reads it. */
  readonly path: string;
  readonly text: string;
  readonly mode: number;
  readonly owner: string;
  readonly group: string;
};
