/** Text that is HTML already. Only `html` makes it, and what is trusted by `trusted`. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

type Part = string | number | Markup | readonly (string | number | Markup)[];

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\uFFFE\uFFFF]/gu;

/** As a text: neither markup, nor a character that a reader does not see or that turns the direction of writing. */
const escaped = (text: string): string =>
  text
    .replace(unseen, (sign) =>
      sign === "\n" || sign === "\t" ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`,
    )
    .replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

const partText = (part: Part): string => {
  if (part instanceof Markup) return part.text;
  return typeof part === "object" ? part.map(partText).join("") : escaped(String(part));
};

/** Writes HTML: whatever is put into it is text, unless it was made by `html` itself. Attributes stand in double quotes. */
export const html = (strings: TemplateStringsArray, ...parts: readonly Part[]): Markup =>
  new Markup(
    strings.map((string, index) => string + (index < parts.length ? partText(parts[index] as Part) : "")).join(""),
  );

/** Takes a text that its maker has escaped, such as a picture in SVG. */
export const trusted = (text: string): Markup => new Markup(text);
