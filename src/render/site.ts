/**
 * Where an expression stands, as one text: compiled templates carry it as a literal beside each expression, and nobody
 * takes it apart unless there is something to say.
 */
export type Site = {
  readonly template: string;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  readonly expression: string;
};

export const writeSite = ({ template, line, column, expression }: Site): string =>
  `${template}:${line}:${column}:${expression}`;

export function readSite(site: string): Site {
  const [, template = "", line, column, expression = ""] = /^([^:]*):(\d+):(\d+):(.*)$/s.exec(site) ?? [];
  return { template, line: Number(line), column: Number(column), expression };
}
