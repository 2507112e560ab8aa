import type { Diagnostic } from "../diagnostics/diagnostic.ts";
import { nearest } from "../diagnostics/nearest.ts";
import { mysqlOption, osloSection } from "../dialect/names.ts";
import type { At, Value } from "../model/value.ts";
import type { ImageRow } from "../openstack/component.ts";
import { imageName } from "../openstack/images.ts";
import { inRange } from "../openstack/releases.ts";
import { namesIn } from "../pillar/placeholder.ts";
import { diagnosticsOf, type Report } from "../pillar/report.ts";
import { isNull, standingAt, textOf } from "../pillar/value.ts";
import { type Lists, listsOf, refuseOption } from "./check.ts";
import { readFiles } from "./files.ts";
import { isRefusal, type Refusal } from "./leaf.ts";
import { listPath } from "./list.ts";
import { optionMessage } from "./messages.ts";
import { baseName, filesOfImage, forms, isNamed, optionKeys, shownName } from "./places.ts";
import type { Leaf, Lines, OptionFile, Said, SaidOption } from "./said.ts";
import { readFree, readListed } from "./values.ts";
import { readWords } from "./words.ts";

/** What of an image decides which options it has. */
export type Subject = {
  readonly image: ImageRow;
  readonly release: string;
  /** @returns the text of a file below config-templates/. */
  readonly load: (path: string) => string | undefined;
};

/** Reads options of one node; what is wrong with them goes to `reports`. */
export class Reader {
  readonly reports: Report[] = [];
  readonly subject: Subject;
  readonly files: readonly OptionFile[];
  readonly services: readonly string[];
  #read: { readonly lists: Lists | undefined } | undefined;
  #unlisted: ReadonlySet<string> = new Set();
  #unchecked = false;
  readonly #refused = new Set<string>();

  constructor(subject: Subject) {
    const { image, release } = subject;
    this.subject = subject;
    this.files = filesOfImage(image, release);
    this.services = Object.entries(image.services).flatMap(([name, row]) => (inRange(row, release) ? [name] : []));
  }

  /** A list is half a megabyte, and most nodes say no option: it is read when the first one is checked. */
  get #lists(): Lists | undefined {
    const { image, release, load } = this.subject;
    this.#read ??= { lists: listsOf(image.component, release, load) };
    return this.#read.lists;
  }

  /** Names of options that no list has: `nova.conf:vendor:speed`, or `nova.conf:vendor` for a whole section. */
  unlisted(value: Value | undefined): void {
    if (value === undefined || isNull(value)) return;
    const items = value.kind === "sequence" ? value.items : [];
    const texts = items.flatMap((item) => (item.kind === "scalar" ? [textOf(item)] : []));
    if (value.kind !== "sequence" || texts.length !== items.length)
      this.shape(value, optionKeys.unlisted, "a list of FILE:SECTION:OPTION and FILE:SECTION");
    this.#unlisted = new Set(texts);
  }

  shape(value: Value, path: string, wants: string, at: At = value.at): void {
    const found = value.kind === "mapping" ? "a mapping" : value.kind === "sequence" ? "a list" : "a single value";
    this.reports.push({
      at,
      key: "",
      make: (place) => optionMessage("option-shape-wrong", { path, found, wants }, place),
    });
  }

  /** @returns the entries of a mapping; none of what is left out, and of what is none. */
  entries(value: Value | undefined, path: string, wants: string) {
    if (value === undefined || isNull(value)) return [];
    if (value.kind === "mapping") return [...value.entries];
    this.shape(value, path, wants);
    return [];
  }

  /** Reads a mapping of files to their options. */
  options(value: Value | undefined, path: string, service?: string): readonly SaidOption[] {
    return this.entries(value, path, "a mapping of files").flatMap(([name, { keyAt, value: content }]) => {
      const file = this.#file(name, keyAt);
      return file ? this.sections(file, content, `${path}:${name}`, service) : [];
    });
  }

  #file(name: string, at: At): OptionFile | undefined {
    const found = this.files.filter((file) => isNamed(file.path, name));
    const open = this.files.filter((file) => forms[file.dialect]).map((file) => baseName(file.path));
    const [file] = found;
    if (!file) {
      const known = this.files.map(({ path }) => (name.startsWith("/") ? path : baseName(path)));
      const message = {
        file: shownName(name),
        image: imageName(this.subject.image),
        near: nearest(name, known),
        known: open,
      };
      this.reports.push({ at, key: name, make: (place) => optionMessage("option-file-unknown", message, place) });
      return undefined;
    }
    if (forms[file.dialect]) return file;
    const message = { file: file.path, dialect: file.dialect, known: open };
    this.reports.push({ at, key: name, make: (place) => optionMessage("option-file-closed", message, place) });
    return undefined;
  }

  /** Reads what a file is to hold: sections with options, or options where the file has no sections. */
  sections(file: OptionFile, content: Value, path: string, service?: string): readonly SaidOption[] {
    const form = forms[file.dialect];
    if (!form) return [];
    if (!form.section) return this.#section(file, "", content, path, service);
    return this.entries(content, path, "a mapping of sections").flatMap(([section, { keyAt, value }]) => {
      if (!form.section?.[0].test(section)) {
        this.#nameWrong(section, file, keyAt, form.section?.[1] ?? "");
        return [];
      }
      return this.#section(file, section, value, `${path}:${section}`, service);
    });
  }

  #nameWrong(name: string, file: OptionFile, at: At, wants: string): void {
    const message = { name: shownName(name), file: baseName(file.path), wants };
    this.reports.push({ at, key: "", make: (place) => optionMessage("option-name-wrong", message, place) });
  }

  #section(file: OptionFile, section: string, value: Value, path: string, service?: string): readonly SaidOption[] {
    return this.entries(value, path, "a mapping of options to values").flatMap(([option, entry]) => {
      const form = forms[file.dialect];
      if (!form?.option[0].test(option)) {
        this.#nameWrong(option, file, entry.keyAt, form?.option[1] ?? "");
        return [];
      }
      return this.#option({ file, service, section, option, path: `${path}:${option}` }, entry.value, entry.keyAt);
    });
  }

  #option(
    asked: { file: OptionFile; service: string | undefined; section: string; option: string; path: string },
    value: Value,
    keyAt: At,
  ): readonly SaidOption[] {
    const { file, section, option, path, service } = asked;
    const named = { file: baseName(file.path), section, option };
    const report = (at: At, make: Report["make"], key = option): void => void this.reports.push({ at, key, make });
    const listed = file.dialect === "oslo" && !this.#isUnlisted(named) ? this.#lists : undefined;
    if (file.dialect === "oslo" && !this.#lists && !this.#unchecked && this.files.includes(file)) {
      this.#unchecked = true;
      const { image, release } = this.subject;
      const list = listPath(image.component, release);
      this.reports.push({
        at: keyAt,
        key: option,
        warns: true,
        make: (place) => optionMessage("options-unlisted", { list }, place),
      });
    }
    const known = this.files.includes(file) ? listed : undefined;
    const record = known?.own.get(section, option);
    if (known && !record) {
      const refuse = refuseOption(known, named);
      // A section that is a slip is one mistake, whatever stands in it.
      const slip = refuse.section ? `${path.slice(0, -option.length)}` : path;
      if (!this.#refused.has(slip)) report(keyAt, refuse.make);
      this.#refused.add(slip);
      return [];
    }
    const form = forms[file.dialect];
    const read = record
      ? readListed(value, record, path)
      : form?.words
        ? readWords(value, path)
        : readFree(value, option, path);
    const help = record?.help;
    if (isRefusal(read)) {
      this.#refuse(read, named, help, keyAt);
      return [];
    }
    if (form?.single && read.lines.length > 1) {
      const wrong: Refusal = {
        kind: "wrong",
        at: value.at,
        shown: "a list",
        wants: "one value: the file has no lists",
      };
      this.#refuse(wrong, named, help, keyAt);
      return [];
    }
    this.#references(read, named, keyAt);
    const secret = record?.secret === true || leavesOf(read).some((leaf) => "at" in leaf && leaf.at.wanted.secret);
    const ofBackEnd = known && !known.own.hasSection(section) ? ({ ofBackEnd: true } as const) : {};
    return [
      {
        file,
        ...(service === undefined ? {} : { service }),
        section,
        option,
        path,
        at: keyAt,
        value: read,
        secret,
        ...ofBackEnd,
      },
    ];
  }

  #isUnlisted = ({ file, section, option }: { file: string; section: string; option: string }): boolean =>
    this.#unlisted.has(`${file}:${section}`) || this.#unlisted.has(`${file}:${section}:${option}`);

  #refuse(
    refusal: Refusal,
    named: { file: string; section: string; option: string },
    help: string | undefined,
    keyAt: At,
  ): void {
    // Only the key of a line that may hold a secret is shown.
    if (refusal.kind === "open") {
      const { section, option } = named;
      const parameter = `${section === "DEFAULT" ? "" : `${section}_`}${option}`.replace(/\W+/g, "_").toUpperCase();
      this.reports.push({
        at: keyAt,
        key: named.option,
        make: (place) => optionMessage("option-secret-open", { ...named, parameter }, place),
      });
      return;
    }
    const at = refusal.kind === "wrong" && refusal.shown !== undefined ? refusal.at : keyAt;
    const key = at === keyAt ? { key: named.option } : {};
    this.reports.push({
      at,
      ...key,
      make: (place) =>
        refusal.kind === "malformed"
          ? optionMessage("option-placeholder-malformed", named, place)
          : optionMessage("option-value-wrong", { ...named, shown: refusal.shown, wants: refusal.wants, help }, place),
    });
  }

  /** Warns of `$my_ip`, which oslo.config would have taken for its own option, and the model takes for a parameter. */
  #references(read: Lines, named: { file: string; section: string; option: string }, at: At): void {
    for (const leaf of leavesOf(read)) {
      if (!("at" in leaf)) continue;
      for (const name of namesIn(leaf.at.parts)) {
        if (!this.#lists?.own.get("DEFAULT", name) && !this.#lists?.own.get(named.section, name)) continue;
        const make: Report["make"] = (place) => optionMessage("option-reference", { ...named, name }, place);
        this.reports.push({ at, key: named.option, warns: true, make });
      }
    }
  }
}

const leavesOf = ({ lines }: Lines): readonly Leaf[] => lines.flat();

/** Two options are one where their file's reader takes their names for the same. */
function identityOf({ file, service, section, option }: SaidOption): string {
  const { dialect, path } = file;
  const names = [
    dialect === "oslo" ? osloSection(section) : section,
    dialect === "mysql" ? mysqlOption(option) : option,
  ];
  return [service ?? "", path, ...names].join("\n");
}

function twice(options: readonly SaidOption[], reader: Reader): void {
  const first = new Map<string, SaidOption>();
  for (const said of options) {
    const before = first.get(identityOf(said));
    first.set(identityOf(said), before ?? said);
    if (!before) continue;
    const { section, option: name, path, at, file } = said;
    const message = { file: baseName(file.path), section, option: name, other: before.path, path };
    reader.reports.push({ at, key: name, make: (place) => optionMessage("option-twice", message, place) });
  }
}

/** Reads the options and files that a node gives an image beside its role's pillar. All mistakes are told together. */
export function readOptions(
  parameters: Value,
  subject: Subject,
): { readonly said: Said; readonly diagnostics: readonly Diagnostic[] } {
  const reader = new Reader(subject);
  reader.unlisted(standingAt(parameters, optionKeys.unlisted));
  const common = reader.options(standingAt(parameters, optionKeys.options), optionKeys.options);
  const byService = reader.entries(
    standingAt(parameters, optionKeys.service),
    optionKeys.service,
    "a mapping of services",
  );
  const own = byService.flatMap(([service, { keyAt, value }]) => {
    if (reader.services.includes(service)) return reader.options(value, `${optionKeys.service}:${service}`, service);
    const message = {
      service: shownName(service),
      image: imageName(subject.image),
      near: nearest(service, reader.services),
      known: reader.services,
    };
    reader.reports.push({
      at: keyAt,
      key: service,
      make: (place) => optionMessage("option-service-unknown", message, place),
    });
    return [];
  });
  const options = [...common, ...own];
  twice(options, reader);
  const files = readFiles(standingAt(parameters, optionKeys.files), reader);
  return { said: { options, files }, diagnostics: diagnosticsOf(reader.reports) };
}
