import type { Json } from "../schema/json.ts";
import { mask, type Settings, secretValues } from "../settings/settings.ts";
import { SafeString } from "./engine.ts";
import { type Emission, marked } from "./layout.ts";
import type { Recorder } from "./trace.ts";
import { type Encode, Lines, MaskedText, type Position, Unusable } from "./value.ts";

/** A value that cannot be written: why, where the expression stands (site.ts), and which settings it read. */
export type Problem = {
  readonly reason: string;
  readonly site: string;
  readonly paths: readonly string[];
  /** It is a value of the model's own, at this place in the node: `site` is empty. */
  readonly model?: string;
};

/** The one reason that has a message of its own. */
export const unset = new Unusable("it is not set");

/** What must not be shown: the paths of secrets, and their values for where a path is lost (`{% set %}`). */
export type Secrets = { readonly paths: ReadonlySet<string>; readonly values: readonly string[] };

export const secretsOf = (settings: Settings): Secrets => ({ paths: settings.secrets, values: secretValues(settings) });

/** Writes the values of one file, and keeps what is wrong with them. */
export class Writer {
  readonly problems: Problem[] = [];
  readonly emissions: Emission[] = [];
  readonly #encode: Encode;
  readonly #recorder: Recorder;
  readonly #secrets: Secrets | undefined;

  /** With `secrets`, every value is marked and its masked twin kept. */
  constructor(encode: Encode, record: Recorder, secrets?: Secrets) {
    this.#encode = encode;
    this.#recorder = record;
    this.#secrets = secrets;
  }

  /** The filter around every expression that a template writes (compile.ts puts it there). */
  readonly write = (_begun: unknown, value: unknown, position: Position, site: string): unknown => {
    if (value instanceof SafeString) {
      this.#recorder.end();
      // A macro's text ends with the newline of its last line, and the line it stands on has one of its own.
      return position === "lines" ? value.toString().replace(/^\n+|\n+$/g, "") : value;
    }
    const written = this.#texts(value, position);
    // Encoding a list reads its items: what was read is known only now.
    const paths = this.#recorder.end();
    if (written instanceof Unusable) {
      this.problems.push({ site, paths, reason: written.reason });
      return "";
    }
    const key = value instanceof Lines ? `${value.key} = ` : "";
    return written.map(({ text, item }) => key + this.#mark(text, item, paths)).join("\n");
  };

  /** @returns the text of each line that the value makes, with what it was made of. */
  #texts(value: unknown, position: Position): readonly { text: string; item: unknown }[] | Unusable {
    // What null comes to is the dialect's to say: JSON has it.
    if (value === undefined) return unset;
    if (value instanceof Unusable) return value;
    const lines = value instanceof Lines;
    if (lines !== (position === "lines")) {
      return new Unusable(lines ? "it writes lines, so it must stand alone on one" : "an option must stand here");
    }
    const texts: { text: string; item: unknown }[] = [];
    for (const item of lines ? value.values : [value]) {
      const plain = (item instanceof MaskedText ? item.text : item) as Json;
      const text = this.#encode(plain, lines ? "whole" : position);
      if (text instanceof Unusable) return text;
      texts.push({ text, item });
    }
    return texts;
  }

  /** Writes a setting that stands in what the model itself says of a file. */
  readonly writeAt = (path: string, value: Json, position: Position, model: string): string => {
    const text = this.#encode(value, position);
    if (text instanceof Unusable) {
      this.problems.push({ site: "", paths: [path], reason: text.reason, model });
      return "";
    }
    return this.markOf(text, [path], model);
  };

  /** @returns whether values have marks around them: a start writes them as they are. */
  get isMarking(): boolean {
    return this.#secrets !== undefined;
  }

  /** @returns a text of the model's own, with its mark where values are marked. */
  readonly markOf = (text: string, paths: readonly string[], model: string): string => {
    if (!this.#secrets) return text;
    const secret = paths.some((path) => this.#secrets?.paths.has(path));
    this.emissions.push({ paths, secret, masked: secret ? mask : text, model });
    return marked(this.emissions.length - 1, text);
  };

  #mark(text: string, value: unknown, paths: readonly string[]): string {
    if (!this.#secrets) return text;
    const { paths: secretPaths, values } = this.#secrets;
    const read = paths.filter((path) => secretPaths.has(path));
    const leaked = paths.length === 0 && values.some((hidden) => String(value).includes(hidden));
    const veil = value instanceof MaskedText && !leaked && read.every((path) => path.endsWith(".password"));
    const secret = read.length > 0 || leaked || value instanceof MaskedText;
    const shown = veil ? this.#encode(value.masked, "part") : secret ? mask : text;
    this.emissions.push({ paths, secret, masked: shown instanceof Unusable ? mask : shown });
    return marked(this.emissions.length - 1, text);
  }
}
