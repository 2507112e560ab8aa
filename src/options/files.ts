import { nearest } from "../diagnostics/nearest.ts";
import type { At, Value } from "../model/value.ts";
import type { Dialect } from "../openstack/component.ts";
import { imageName } from "../openstack/images.ts";
import { namesIn, parseParts } from "../pillar/placeholder.ts";
import { isNull, textOf } from "../pillar/value.ts";
import type { Json } from "../schema/json.ts";
import { optionMessage } from "./messages.ts";
import { forms, optionKeys, shownName } from "./places.ts";
import type { Reader } from "./read.ts";
import type { SaidFile, Tree } from "./said.ts";

/** The dialects that the model may name, by that name, and by which ends of a path they are usual. */
const dialects: Readonly<Record<string, { readonly dialect: Dialect; readonly ends: readonly string[] }>> = {
  oslo: { dialect: "oslo", ends: [".conf"] },
  ini: { dialect: "uwsgi", ends: [".ini"] },
  mysql: { dialect: "mysql", ends: [".cnf"] },
  rabbitmq: { dialect: "rabbitmq", ends: [] },
  haproxy: { dialect: "haproxy", ends: [] },
  libvirt: { dialect: "libvirt", ends: [] },
  json: { dialect: "json", ends: [".json"] },
  yaml: { dialect: "yaml", ends: [".yaml", ".yml"] },
  text: { dialect: "text", ends: [] },
};

const usualMode = 0o640;

/** Texts in which a parameter may stand as a word: the others' values have quotes around them, so a tree says where they go. */
const textual: readonly Dialect[] = ["oslo", "uwsgi", "mysql", "rabbitmq", "haproxy", "libvirt", "text"];

/** Where no file of the model may be: what the engine and plinth itself keep. */
const closed = /^\/(?:proc|sys|dev|run\/plinth|etc\/plinth|opt\/plinth)(?:\/|$)/;

function pathProblem(path: string, reader: Reader): string | undefined {
  if (!/^\/[^\0-\x20\x7f\\{}]+[^/\0-\x20\x7f\\{}]$/.test(path) || !path.isWellFormed())
    return "its key is the file's absolute path, without blanks, backslashes and braces";
  if (
    path
      .split("/")
      .slice(1)
      .some((part) => part === "" || part === "." || part === "..")
  )
    return "write the path without //, /./ and /../";
  if (closed.test(path)) return "choose another directory: this one is the system's or plinth's own";
  const rendered = reader.files.some((file) => file.path === path);
  return rendered ? `plinth writes this file itself: set its options in ${optionKeys.options}` : undefined;
}

/** A tree of the model, with its own types. @returns a reason where a part of it cannot be written. */
function treeOf(value: Value, path: string): Tree | { readonly reason: string; readonly at: At } {
  if (value.kind === "sequence") {
    const items = value.items.map((item, index) => treeOf(item, `${path}:${index}`));
    return items.find(isReason) ?? { items: items as Tree[] };
  }
  if (value.kind === "mapping") {
    const members = [...value.entries].map(([key, entry]) => [key, treeOf(entry.value, `${path}:${key}`)] as const);
    const reason = members.map(([, one]) => one).find(isReason);
    return reason ?? { members: members as [string, Tree][] };
  }
  const own = value.value;
  if (own === null || typeof own === "boolean") return { is: own };
  if (typeof own === "number") return { is: own };
  if (typeof own === "bigint") return { reason: "a number in it is too large: put it in quotes", at: value.at };
  if (typeof own === "object" && "value" in own)
    return /^-?\d+\.\d+$/.test(own.written)
      ? { written: own.written }
      : { is: Number.isFinite(own.value) ? own.value : own.written };
  const text = textOf(value);
  const parts = parseParts(text);
  if ("malformedAt" in parts)
    return {
      reason: "it contains a ${ without the name of a parameter: write $NAME, or $$ for a dollar",
      at: value.at,
    };
  if (!text.isWellFormed()) return { reason: "it is no valid Unicode text (half a surrogate pair)", at: value.at };
  if (namesIn(parts).length === 0) return { is: parts.join("") as Json };
  return { at: { path, parts, wanted: { kind: "string", empty: true, multiline: true } } };
}

export const isReason = (value: object): value is { readonly reason: string; readonly at: At } => "reason" in value;

type Contents = SaidFile["content"] | { readonly reason: string; readonly at: At };

function textContent(value: Extract<Value, { kind: "scalar" }>, dialect: Dialect, path: string): Contents {
  const text = textOf(value);
  const parts = parseParts(text);
  const { at } = value;
  if ("malformedAt" in parts)
    return { reason: "it contains a ${ without the name of a parameter: write $NAME, or $$ for a dollar", at };
  if (!text.isWellFormed() || text.includes("\0")) return { reason: "it holds what no text file can", at };
  if (namesIn(parts).length > 0 && !textual.includes(dialect))
    return {
      reason:
        "a dynamic parameter stands in it, and what quotes it needs there is not known: give the content as a tree",
      at,
    };
  if (dialect === "json") {
    try {
      JSON.parse(parts.join(""));
    } catch {
      return { reason: "it is no JSON", at };
    }
  }
  return {
    text: parts.map((part, index) =>
      typeof part === "string"
        ? part
        : { path: `${path}:${index}`, parts: [part], wanted: { kind: "string", empty: true } as const },
    ),
  };
}

function contentOf(value: Value, file: { path: string; dialect: Dialect }, path: string, reader: Reader): Contents {
  if (value.kind === "scalar") return textContent(value, file.dialect, path);
  if (file.dialect === "json" || file.dialect === "yaml") {
    const tree = treeOf(value, path);
    return isReason(tree) ? tree : { tree };
  }
  if (forms[file.dialect]) return { options: reader.sections(file, value, path) };
  return { reason: "a file of the dialect text has no tree", at: value.at };
}

/** Reads the whole files that the model gives: path to content, and what else is to be known of it. */
export function readFiles(value: Value | undefined, reader: Reader): readonly SaidFile[] {
  return reader
    .entries(value, optionKeys.files, "a mapping of paths")
    .flatMap(([path, { keyAt, value: said }]): readonly SaidFile[] => {
      // A class before may have given it.
      if (isNull(said)) return [];
      const here = `${optionKeys.files}:${path}`;
      const report = (at: At, make: Parameters<typeof reader.reports.push>[0]["make"]): readonly SaidFile[] => {
        reader.reports.push({ at, key: "", make });
        return [];
      };
      const why = pathProblem(path, reader);
      if (why !== undefined)
        return report(keyAt, (place) => optionMessage("file-path-wrong", { path: shownName(path), why }, place));
      const entries = new Map(
        reader.entries(
          said,
          here,
          "a mapping with content, and dialect, mode and services where they are not as usual",
        ),
      );
      const keys = ["content", "dialect", "mode", "services"];
      const wrong = (key: string, wants: string): readonly SaidFile[] => {
        const entry = entries.get(key);
        if (entry) reader.shape(entry.value, `${here}:${key}`, wants, entry.keyAt);
        return [];
      };
      const strange = [...entries.keys()].filter((key) => !keys.includes(key));
      for (const key of strange) {
        const like = nearest(key, keys);
        const wants = `one of ${keys.join(", ")}${like ? `; was ${like} meant?` : ""}`;
        reader.reports.push({
          at: entries.get(key)?.keyAt ?? keyAt,
          key,
          make: (place) => optionMessage("option-name-wrong", { name: shownName(key), file: here, wants }, place),
        });
      }
      const content = entries.get("content");
      if (strange.length > 0) return [];
      if (!content || isNull(content.value))
        return report(keyAt, (place) =>
          optionMessage(
            "file-content-wrong",
            { path, reason: "there is none", wants: "give it content: a text, or a tree" },
            place,
          ),
        );

      const given = entries.get("dialect")?.value;
      const named = given?.kind === "scalar" ? textOf(given) : undefined;
      const usual = Object.keys(dialects).find((name) => dialects[name]?.ends.some((end) => path.endsWith(end)));
      // A text stands as it is: what it says is for its reader alone.
      const name =
        named ?? (content.value.kind === "scalar" && usual !== "json" && usual !== "yaml" ? "text" : (usual ?? "text"));
      const dialect = Object.hasOwn(dialects, name) ? dialects[name]?.dialect : undefined;
      if (given && (named === undefined || dialect === undefined))
        return wrong("dialect", `one of ${Object.keys(dialects).join(", ")}`);

      const modeValue = entries.get("mode")?.value;
      const modeText =
        modeValue?.kind === "scalar" && typeof modeValue.value === "string" ? modeValue.value : undefined;
      if (
        modeValue &&
        (modeText === undefined || !/^0?[0-7]{3}$/.test(modeText) || (Number.parseInt(modeText, 8) & 0o002) !== 0)
      )
        return wrong(
          "mode",
          'three octal digits in quotes that let not everybody write, such as "0640": without quotes YAML reads another number',
        );

      const servicesValue = entries.get("services")?.value;
      const services =
        servicesValue?.kind === "sequence"
          ? servicesValue.items.map((item) => (item.kind === "scalar" ? textOf(item) : ""))
          : undefined;
      if (servicesValue && services === undefined) return wrong("services", `a list of ${reader.services.join(", ")}`);
      for (const service of services ?? []) {
        if (reader.services.includes(service)) continue;
        const message = {
          service: shownName(service),
          image: imageName(reader.subject.image),
          near: nearest(service, reader.services),
          known: reader.services,
        };
        reader.reports.push({
          at: servicesValue?.at ?? keyAt,
          key: "",
          make: (place) => optionMessage("option-service-unknown", message, place),
        });
      }

      const file = { path, dialect: dialect ?? "text" };
      const read = contentOf(content.value, file, here, reader);
      if (isReason(read))
        return report(read.at, (place) =>
          optionMessage("file-content-wrong", { path, reason: read.reason, wants: "change the content" }, place),
        );
      return [
        {
          file,
          ...(services ? { services } : {}),
          mode: modeText === undefined ? usualMode : Number.parseInt(modeText, 8),
          at: keyAt,
          path: here,
          content: read,
        },
      ];
    });
}
