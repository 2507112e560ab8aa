import { catalog } from "../diagnostics/catalog.ts";

/** What a class or node file has at its top. */
export const sections = ["classes", "applications", "parameters", "exports", "environment"] as const;

const meant = (nearest: string | undefined): string => (nearest ? `did you mean ${nearest}? ` : "");

const listedLines = 5;

/** @returns `lines 3, 7, ...`. */
const lineNumbers = (lines: readonly number[]): string =>
  `${lines.length === 1 ? "line" : "lines"} ${lines.slice(0, listedLines).join(", ")}${
    lines.length > listedLines ? ` and ${lines.length - listedLines} more` : ""
  }`;

const listedParameters = 10;

type Near = { readonly nearest: string | undefined };

type RelativeName = {
  readonly written: string;
  readonly name: string;
  readonly of: string;
  readonly file: string;
  readonly meant: string | undefined;
  readonly isInit: boolean;
};

/** What can be wrong in a model. */
export const modelMessage = catalog({
  "file-too-large": {
    failure: "configuration",
    what: ({ size, limit }: { size: number; limit: number }) =>
      `the file has ${size} characters; at most ${limit} are read`,
    fix: () => "split it into several classes",
  },
  "file-too-nested": {
    failure: "configuration",
    what: ({ nodes, depth }: { nodes: number; depth: number }) =>
      `the file is nested deeper than ${depth} levels, or its aliases unfold to more than ${nodes} values`,
    fix: () => "write the values out; a class needs few aliases and few levels",
  },
  "yaml-broken": {
    failure: "configuration",
    what: ({ problem }: { problem: string; fix: string }) => `this is not YAML: ${problem}`,
    fix: ({ fix }: { problem: string; fix: string }) => fix,
  },
  "yaml-second-document": {
    failure: "configuration",
    what: () => "a second document begins here",
    fix: () => "keep one document: remove the line ---",
  },
  "text-joined": {
    failure: "configuration",
    severity: "warning",
    what: ({ slip }: { slip: "item" | "key" }) =>
      slip === "item"
        ? "YAML reads this as text: a dash without a space after it does not begin a list item"
        : "YAML reads this as text: a colon without a space after it does not end a key",
    fix: ({ slip }: { slip: "item" | "key" }) =>
      `write \`${slip === "item" ? "- item" : "key: value"}\`, or put quotes around it if it is text`,
  },
  "reference-odd": {
    failure: "configuration",
    severity: "warning",
    what: () => "this names a parameter but is not a reference: it stays as it is written",
    fix: () => "write ${_param:name}: a $, and the path within { }, with nothing between them",
  },
  "yaml-alias-unknown": {
    failure: "configuration",
    what: () => "this alias (*name) refers to no anchor (&name) above it",
    fix: () => "define the anchor before its use, or put quotes around the value if it just begins with *",
  },
  "yaml-key-not-text": {
    failure: "configuration",
    what: () => "a key must be one value, not a list or mapping",
    fix: () => "write the mapping as `key: value`",
  },
  "yaml-merge-wrong": {
    failure: "configuration",
    what: () => "a merge key (<<) takes a mapping or a list of mappings",
    fix: () => "write `<<: *name`, where name anchors a mapping",
  },
  "yaml-tag-unknown": {
    failure: "configuration",
    what: () => "this tag (!name) is not known here, or the value does not fit it",
    fix: () => "put quotes around a value that begins with !, or leave the tag out",
  },
  "yaml-number-wrong": {
    failure: "configuration",
    what: () => "YAML 1.1 reads this as a number or a date, but it is not a valid one",
    fix: () => "put quotes around it if it is text",
  },
  "key-twice": {
    failure: "configuration",
    severity: "warning",
    what: ({ key, line, merges, more }: { key: string; line: number; merges: boolean; more: readonly number[] }) =>
      `the key ${key} occurs twice in one mapping: ${
        merges
          ? `the first one, in line ${line}, has another type, and both become one key`
          : `what the first one holds, in line ${line}, is dropped`
      }${more.length === 0 ? "" : ` (the same holds for keys in ${lineNumbers(more)})`}`,
    fix: () => "put all of it under one of the two keys: of two equal keys YAML keeps the last",
  },
  "config-not-mapping": {
    failure: "configuration",
    what: () => "reclass-config.yml does not hold a mapping",
    fix: () => "write settings as `key: value`, or remove the file",
  },
  "setting-unknown": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string } & Near) => `there is no setting ${name}: it is ignored`,
    fix: ({ nearest }: { name: string } & Near) =>
      `${meant(nearest)}see docs/reclass-compatibility.md for the settings`,
  },
  "setting-wrong": {
    failure: "configuration",
    what: ({ name, wants }: { name: string; wants: string }) => `the setting ${name} must be ${wants}`,
    fix: ({ name, wants }: { name: string; wants: string }) => `give ${name} ${wants}, or leave it out`,
  },
  "prefix-idle": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string }) => `${name} is not a single character, so no key begins with it (as in reclass)`,
    fix: ({ name }: { name: string }) => `set ${name} to one character, such as the usual ~ and =`,
  },
  "storage-unsupported": {
    failure: "configuration",
    what: ({ type }: { type: string }) => `storage_type: plinth reads a directory (yaml_fs), not ${type}`,
    fix: () =>
      "clone the repositories and point --model to the directory; plinth model diff reads git revisions by itself",
  },
  "directory-outside": {
    failure: "configuration",
    what: ({ name, uri }: { name: string; uri: string }) => `${name} (${uri}) is outside the model`,
    fix: () =>
      "create a symbolic link to it within the model; or name the directory around both with --model, with reclass-config.yml in it and nodes_uri and classes_uri as paths below it",
  },
  "directories-overlap": {
    failure: "configuration",
    what: ({ nodes, classes }: { nodes: string; classes: string }) =>
      `nodes (${nodes}) and classes (${classes}) must be two directories, neither within the other`,
    fix: () => "set nodes_uri and classes_uri to directories beside each other",
  },
  "name-twice": {
    failure: "configuration",
    what: ({ kind, name, first, second }: { kind: string; name: string; first: string; second: string }) =>
      `the ${kind} ${name} is defined twice: by ${first} and by ${second}`,
    fix: ({ kind }: { kind: string; name: string; first: string; second: string }) =>
      kind === "node"
        ? "keep one of them, or set compose_node_name: true, so that directories become part of the name"
        : "keep one of them",
  },
  "node-unknown": {
    failure: "configuration",
    what: ({ name, base }: { name: string; base: string } & Near) => `there is no node ${name} in ${base}`,
    fix: ({ nearest }: { name: string; base: string } & Near) =>
      `${meant(nearest)}list the nodes with plinth model nodes`,
  },
  "class-unknown": {
    failure: "configuration",
    what: ({ name, file }: { name: string; file: string } & Near) =>
      `there is no class ${name}: the file ${file} does not exist`,
    fix: ({ nearest }: { name: string; file: string } & Near) => `${meant(nearest)}add the file, or remove the class`,
  },
  "class-relative-unknown": {
    failure: "configuration",
    what: ({ written, name, of, file }: RelativeName) =>
      `${written} means the class ${name} here, in the file of ${of}, and there is no ${file}`,
    fix: ({ name, meant, isInit }: RelativeName) =>
      [
        meant === undefined ? `add the class ${name}, or write the whole name` : `write ${meant}, which exists`,
        `each dot goes up one level from the name of the file's own class${isInit ? " (of x/init.yml that is x, not x.init)" : ""}`,
      ].join("; "),
  },
  "class-skipped": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string }) => `there is no class ${name}: it is skipped`,
    fix: () => "add the class, or remove it here (ignore_class_notfound permits it)",
  },
  "mapping-of-path": {
    failure: "configuration",
    severity: "warning",
    what: ({ mapping }: { mapping: string }) =>
      `the class mapping ${mapping} matches nothing: no node's name contains a slash`,
    fix: () => "set class_mappings_match_path: true to match the paths of nodes' files, or leave the directory out",
  },
  "class-cycle": {
    failure: "configuration",
    what: ({ cycle }: { cycle: string }) => `classes include each other: ${cycle}`,
    fix: () => "remove one of these includes",
  },
  "class-deep": {
    failure: "configuration",
    what: ({ limit }: { limit: number }) => `classes include each other more than ${limit} levels deep`,
    fix: () => "include directly what is needed",
  },
  "class-name-wrong": {
    failure: "configuration",
    what: ({ why }: { why: string; fix: string }) => `this cannot be the name of a class: ${why}`,
    fix: ({ fix }: { why: string; fix: string }) => fix,
  },
  "class-reference-missing": {
    failure: "configuration",
    what: ({ name, reference }: { name: string; reference: string }) =>
      `the class name ${name} refers to ${reference}, which no class before it sets`,
    fix: () => "include the class that sets it earlier; what the node itself sets comes too late for class names",
  },
  "class-reference-deep": {
    failure: "configuration",
    what: ({ name, reference }: { name: string; reference: string }) =>
      `the class name ${name} refers to ${reference}, which is not a plain value`,
    fix: () => "set it to a plain value: references are not resolved yet while classes are looked up",
  },
  "mapping-wrong": {
    failure: "configuration",
    what: ({ mapping, why }: { mapping: string; why: string }) => `class_mappings: ${mapping}: ${why}`,
    fix: () => "write `GLOB class...` or `/REGEX/ class...`",
  },
  "pattern-wrong": {
    failure: "configuration",
    what: ({ setting, pattern }: { setting: string; pattern: string }) =>
      `${setting}: ${pattern} is not a regular expression that plinth supports`,
    fix: () => "correct it: of Python's own extensions, plinth supports only (?P<name>) and (?i)",
  },
  "pattern-slow": {
    failure: "configuration",
    what: ({ setting, pattern, name }: { setting: string; pattern: string; name: string }) =>
      `${setting}: ${pattern.slice(0, 200)} takes too long to match ${name.slice(0, 100)}`,
    fix: () => "write it without a repetition in a repetition: a+ matches the same as (a+)+, without delay",
  },
  "file-not-mapping": {
    failure: "configuration",
    what: () => "the file does not hold a mapping",
    fix: () => `write the keys ${sections.join(", ")}, each followed by a colon and a blank`,
  },
  "section-unknown": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string } & Near) =>
      `${name} is not a section of a class or node (${sections.join(", ")}): its content is ignored`,
    fix: ({ nearest }: { name: string } & Near) =>
      `${meant(nearest)}${nearest ? "" : "move it under parameters:, indented by two, or call it _name if it only holds anchors"}`.trim(),
  },
  "section-wrong": {
    failure: "configuration",
    what: ({ section, wants, found }: { section: string; wants: string; found: string; fix: string }) =>
      `${section} must be ${wants}, and this is ${found}`,
    fix: ({ fix }: { section: string; wants: string; found: string; fix: string }) => fix,
  },
  "reference-open": {
    failure: "configuration",
    what: ({ text }: { text: string }) => `${text} is not closed`,
    fix: () => "close it with }, or write \\${ for the text itself",
  },
  "reference-empty": {
    failure: "configuration",
    what: ({ text }: { text: string }) => `${text} names nothing`,
    fix: () => "write the path of a parameter, such as ${_param:release}, or \\${} for the text itself",
  },
  "reference-nested": {
    failure: "configuration",
    what: () => "references are nested more than 100 levels deep",
    fix: () => "put the parts into parameters of their own",
  },
  "query-open": {
    failure: "configuration",
    what: ({ text }: { text: string }) => `${text} is not closed`,
    fix: () => "close it with ], or write \\$[ for the text itself",
  },
  "query-wrong": {
    failure: "configuration",
    what: ({ text }: { text: string }) => `${text} is not an inventory query`,
    fix: () => "write $[ exports:KEY ], $[ exports:KEY if exports:KEY == VALUE ] or $[ if exports:KEY == self:KEY ]",
  },
  "reference-missing": {
    failure: "configuration",
    what: ({ text, why }: { text: string; why: string } & Near) => `${text} points to nothing: ${why}`,
    fix: ({ nearest }: { text: string; why: string } & Near) => `${meant(nearest)}set it in a class or in the node`,
  },
  "reference-skipped": {
    failure: "configuration",
    severity: "warning",
    what: ({ text }: { text: string }) => `${text} points to nothing, but is overwritten later`,
    fix: () => "remove it, or set what it points to",
  },
  "reference-cycle": {
    failure: "configuration",
    what: ({ cycle }: { cycle: string }) => `references form a cycle: ${cycle}`,
    fix: () => "write one of these values out",
  },
  "reference-deep": {
    failure: "configuration",
    what: ({ limit }: { limit: number }) => `more than ${limit} references point to each other in a row`,
    fix: () => "refer to the value itself",
  },
  "result-too-large": {
    failure: "configuration",
    what: () => "references and aliases multiply what the node holds beyond 60 million characters or 4 million values",
    fix: () => "look for references that repeat a large value many times",
  },
  "result-too-deep": {
    failure: "configuration",
    what: ({ limit }: { limit: number }) => `mappings and lists are nested more than ${limit} levels deep`,
    fix: () => "look for a reference to a large value deep in another value, and write its value out",
  },
  "merge-wrong": {
    failure: "configuration",
    what: ({ over, under, where }: { over: string; under: string; where: string; setting: string | undefined }) =>
      `${over} cannot be merged over ${under} (set in ${where})`,
    fix: ({ setting }: { over: string; under: string; where: string; setting: string | undefined }) =>
      `write ~ before the key to replace what was there${setting ? `, or allow it everywhere with ${setting}: true` : ""}`,
  },
  "constant-changed": {
    failure: "configuration",
    what: ({ where }: { where: string }) => `this value was made constant (=key) in ${where}`,
    fix: () => "remove this one, or the = there (strict_constant_parameters: false ignores it)",
  },
  "query-failed": {
    failure: "configuration",
    what: ({ text, node, reason, where }: { text: string; node: string; reason: string; where: string | undefined }) =>
      `${text} needs an export of the node ${node}, which fails: ${reason}${where === undefined ? "" : ` (${where})`}`,
    fix: () => "correct that node, or ignore failing exports with $[ +IgnoreErrors ... ]",
  },
  "query-in-export": {
    failure: "configuration",
    what: ({ text }: { text: string }) => `${text}: an export cannot ask other nodes for their exports`,
    fix: () => "ask in parameters instead",
  },
  "parameter-unreferred": {
    failure: "configuration",
    severity: "warning",
    what: ({ path, others }: { path: string; others: number } & Near) =>
      `nothing refers to ${path}${others > 0 ? ` (set in ${others} more ${others === 1 ? "place" : "places"})` : ""}`,
    fix: ({ path, nearest }: { path: string; others: number } & Near) =>
      `${meant(nearest)}remove it, or refer to it: \${${path}}`,
  },
  "parameters-unreferred": {
    failure: "configuration",
    severity: "warning",
    what: ({ paths }: { paths: readonly string[] }) =>
      `nothing refers to ${paths.length} more: ${paths.slice(0, listedParameters).join(", ")}${paths.length > listedParameters ? ", ..." : ""}`,
    fix: () => "remove them, unless a program looks them up by itself",
  },
  "path-unknown": {
    failure: "configuration",
    what: ({ path, node }: { path: string; node: string } & Near) => `the node ${node} has no parameter ${path}`,
    fix: ({ nearest }: { path: string; node: string } & Near) =>
      `${meant(nearest)}list the parameters with plinth model show`,
  },
});
