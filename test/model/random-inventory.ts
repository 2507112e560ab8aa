import { random } from "../support/random.ts";
import { type Entry, type Inventory, list, map, raw, type Tree, text } from "./tree.ts";

/**
 * Random inventories that reclass 1.7.0 compiles to what they mean, and some with a mistake. Its results depend on the order
 * of keys, or on what was compiled before, in the cases below; the generator makes none of them (docs/reclass-compatibility.md
 * lists them for users). Each has a number that the code refers to.
 *
 *  1. A reference whose path goes through another reference to a value that is itself a reference.
 *  2. A reference into an item of a list that holds references.
 *  3. A list or mapping within text, that holds references or values of several layers that count as such.
 *  4. `~` and `=` keys in what is merged through references.
 *  5. An application that a class removes.
 *  6. A class name with a parameter that was set more than once.
 *  7. A tab in a text with a reference.
 *  8. The same key plainly and with a prefix in one file, where other nodes are asked for exports.
 *  9. What cannot be resolved in a node that is asked for exports.
 * 10. A nested reference to a reference, where other nodes are asked for exports.
 * 11. A query within text, or an export that needs a query's result.
 * 12. A query that compares with null.
 * 14. White space at the beginning of a reference, or behind a reference within it.
 * 13. A reference to a mapping whose own values come from several layers and hold references.
 */
export function randomInventory(seed: number): Inventory {
  return new Maker(seed).inventory();
}

/** What a reference may name, and whether all of it is literal. */
type Target = {
  readonly path: readonly string[];
  readonly kind: "single" | "list" | "mapping";
  readonly literal: boolean;
};

/** Names tell what a key holds, in every layer alike, so that layers mostly agree. */
const names = {
  single: ["s1", "s2", "host", "s p", "ключ", "80", "true"],
  list: ["l1", "l2"],
  mapping: ["m1", "m2", "constructor"],
};

const plainScalars = [
  ..."0 1 -1 42 +7 010 0x1F 0b101 1_000 12:30 12345678901234567890 9007199254740993".split(" "),
  ..."1.0 1.5 -0.0 .5 1.0e+20 1.0e-7 1_0.5 1:30.5 .inf -.inf 1e3 08 0.1".split(" "),
  ..."yes no On OFF true FALSE y n ~ null Null a b2 x-y x.y/z 1.2.3 a:b http://h:80/p !!str 5".split(" ").slice(0, -2),
  "!!str 5",
  "!!float 3",
];

const texts = [
  "",
  " ",
  "kilo",
  "it's",
  'say "x"',
  "a b",
  "é漢🙂",
  "two\nlines\n",
  "yes",
  "1",
  "null",
  "-",
  "x: y",
  "# no",
  "\\",
  "C:\\x",
];

const escapes = ["\\", "\\\\", "\\${", "}", "]", "{", "[", "$", "$$", "a", " ", ":", "\\$[", "\\}", "\\\\}", "\n", "é"];

class Maker {
  readonly #random: ReturnType<typeof random>;
  /** Whether nodes are asked for exports. */
  readonly #asks: boolean;
  readonly #many: number;
  #open = "${";
  #close = "}";
  #delimiter = ":";
  /** Literal values: below these, every path may be used everywhere. */
  readonly #literals: Target[] = [];
  /** The literal mappings, as they are to be written by anyone. */
  readonly #shapes = new Map<string, Shape>();
  /** Parameters that may hold references, in an order in which each may refer to later ones only. */
  readonly #ranked: Ranked[] = [];
  readonly #failing: boolean;
  #ignores = false;
  /** The classes of the first node. */
  #usual: readonly string[] | undefined;
  /** Whether a constant may be set again. */
  #lenient = false;

  constructor(seed: number) {
    this.#random = random(seed);
    this.#asks = this.#chance(25);
    this.#many = this.#asks ? 2 + this.#below(3) : 1 + this.#below(3);
    this.#failing = this.#chance(12);
  }

  #below(limit: number): number {
    return this.#random.below(limit);
  }

  #chance(percent: number): boolean {
    return this.#below(100) < percent;
  }

  #pick<T>(from: readonly T[]): T {
    return this.#random.pick(from);
  }

  #some<T>(from: readonly T[], percent: number): readonly T[] {
    return from.filter(() => this.#chance(percent));
  }

  #shuffled<T>(from: readonly T[]): readonly T[] {
    return from
      .map((each) => ({ each, at: this.#below(1 << 20) }))
      .sort((one, other) => one.at - other.at)
      .map(({ each }) => each);
  }

  inventory(): Inventory {
    const config = this.#config();
    this.#plan();
    const classes = this.#classNames();
    const nodes = Array.from({ length: this.#many }, (_, index) => `n${index + 1}`);
    const composed = config.some(({ key }) => key.kind === "text" && key.text === "compose_node_name");
    const directory = this.#pick(["", "", "rack/", "_gen/", "a/b/"]);
    const prefix = composed && directory !== "" && !directory.startsWith("_") ? directory.replaceAll("/", ".") : "";
    const files = [
      { path: "reclass-config.yml", content: { kind: "map", entries: config } as const },
      ...classes.map((name, index) => ({
        path: this.#classPath(name, classes),
        content: this.#class(name, index, classes),
      })),
      ...nodes.map((name) => ({
        path: `nodes/${directory}${name}.yml`,
        content: this.#node(`${prefix}${name}`, classes),
      })),
    ];
    const node = this.#pick(nodes);
    return { files: config.length > 0 ? files : files.slice(1), node: `${prefix}${node}` };
  }

  #config(): readonly Entry[] {
    const entries: [string, Tree][] = [];
    const maybe = (percent: number, name: string, value: Tree) => this.#chance(percent) && entries.push([name, value]);
    for (const name of [
      "scalar_over_dict",
      "scalar_over_list",
      "list_over_scalar",
      "dict_over_scalar",
      "none_override",
    ]) {
      maybe(20, `allow_${name}`, raw("true"));
    }
    maybe(20, "strict_constant_parameters", raw("false"));
    this.#lenient = entries.some(([name]) => name === "strict_constant_parameters");
    maybe(10, "ignore_overwritten_missing_references", raw("false"));
    maybe(15, "compose_node_name", raw("yes"));
    maybe(10, "default_environment", text("prod"));
    maybe(10, "scalar_parameters", text("_own"));
    maybe(10, "group_errors", raw("false"));
    maybe(20, "ignore_class_notfound", raw("on"));
    maybe(10, "ignore_class_notfound_regexp", list([text("lost.*"), text("x\\.y$")]));
    this.#ignores = entries.some(([name]) => name === "ignore_class_notfound");
    maybe(10, "class_mappings_match_path", raw("true"));
    maybe(
      20,
      "class_mappings",
      list(
        this.#some(
          ["n* base", "*n1 base", "/n[12]$/ base", "/^(n)[1-3]$/ 'two.\\g<1>'", "'n?' base", "/n(\\d)/ two.n"],
          50,
        ).map(text),
      ),
    );
    if (this.#chance(5)) {
      this.#delimiter = this.#pick(["|", "::", "."]);
      entries.push(["delimiter", text(this.#delimiter)]);
    }
    if (this.#chance(4)) {
      [this.#open, this.#close] = ["<<", ">>"];
      entries.push(["reference_sentinels", list([text(this.#open), text(this.#close)])]);
    }
    return map(entries).kind === "map" ? (map(entries) as Extract<Tree, { kind: "map" }>).entries : [];
  }

  /** Decides which parameters there are, and what kind each is. */
  #plan(): void {
    for (const name of ["lit0", "lit1"]) {
      const shape = new Map([["s1", "single"], ["l1", "list"], ...this.#shape(2)] as [string, Shape][]);
      this.#shapes.set(name, shape);
      this.#literals.push(...targetsOf([name], shape));
    }
    const families: readonly Family[] = [
      "single",
      "single",
      "single",
      "listed",
      "mapped",
      "mapped",
      "tree",
      "tree",
      "items",
    ];
    const kinds = { single: "single", listed: "list", mapped: "mapping", tree: "mapping", items: "list" } as const;
    for (const [index, holds] of this.#shuffled(this.#some(families, 60)).entries()) {
      this.#ranked.push({ name: `${holds}${index}`, kind: kinds[holds], holds, once: this.#chance(40) });
    }
  }

  #shape(depth: number): ReadonlyMap<string, Shape> {
    const keys: [string, Shape][] = this.#some(names.single, 35).map((name) => [name, "single"]);
    keys.push(
      ...this.#some(names.list, 40).map((name): [string, Shape] => [name, this.#chance(50) ? "list" : "mappings"]),
    );
    if (depth > 0)
      keys.push(...this.#some(names.mapping, 45).map((name): [string, Shape] => [name, this.#shape(depth - 1)]));
    return new Map(keys.length > 0 ? keys : [["s1", "single"]]);
  }

  // --- values -----------------------------------------------------------------------------------------------------

  #scalar(): Tree {
    return this.#chance(50) ? raw(this.#pick(plainScalars)) : text(this.#pick(texts));
  }

  #key(name: string): Tree {
    return name === "80" || name === "true" ? raw(name) : text(name);
  }

  /** A value without references: all of its shape, or a part. */
  #literal(shape: Shape, percent: number): Tree {
    if (shape === "single") return this.#scalar();
    if (shape === "list") return list(Array.from({ length: this.#below(3) }, () => this.#scalar()));
    if (shape === "mappings") {
      return list(
        Array.from({ length: 1 + this.#below(2) }, () =>
          map([
            ["x", this.#scalar()],
            ["y", list([this.#scalar()])],
          ]),
        ),
      );
    }
    const entries = this.#shuffled([...shape].filter(() => this.#chance(percent)));
    return map(entries.map(([name, below]) => [this.#key(name), this.#literal(below, percent)] as const));
  }

  #reference(path: readonly string[]): string {
    return `${this.#open}${path.join(this.#delimiter)}${this.#close}`;
  }

  /** What a parameter of a rank may refer to. */
  #targets(rank: number, kinds: readonly Target["kind"][]): readonly Target[] {
    const later = this.#ranked
      .slice(rank + 1)
      .filter(({ kind, once }) => once || kind !== "mapping") // (13)
      .map(({ name, kind }): Target => ({ path: [name], kind, literal: false }));
    return [...this.#literals, ...this.#literals, ...later].filter(({ kind }) => kinds.includes(kind));
  }

  #target(rank: number, ...kinds: readonly Target["kind"][]): string {
    if (this.#failing && this.#chance(3))
      return this.#reference(this.#pick([["nope"], ["lit0", "nope"], ["lit0", "s1", "x"]]));
    return this.#reference(this.#pick(this.#targets(rank, kinds)).path);
  }

  /** A nested reference: what `pick` names is a key of lit0, and a literal (10). */
  #nested(): string {
    const inner = this.#reference(["pick"]);
    return this.#reference(["lit0", inner]);
  }

  #words(rank: number): string {
    const part = (): string => {
      switch (this.#below(8)) {
        case 0:
          return this.#nested();
        case 1: {
          // Within text, only what is literal may be a container (3).
          const literal = this.#literals.filter((target) => target.literal);
          return `=${this.#reference(this.#pick(literal).path)}`;
        }
        case 2:
        case 3:
          return this.#target(rank, "single");
        case 4:
          return this.#pick([...escapes, `\\\\${this.#target(rank, "single")}`]);
        default:
          return this.#pick(["a", "http://", ":80", " ", "-", "/", "é", "$x", "\n"]);
      }
    };
    return joined(Array.from({ length: 1 + this.#below(4) }, part));
  }

  #single(rank: number): Tree {
    switch (this.#below(4)) {
      case 0:
        return this.#scalar();
      case 1:
        return text(this.#chance(20) ? this.#nested() : this.#target(rank, "single"));
      default:
        return text(this.#words(rank));
    }
  }

  /** An item of a list: anything. */
  #item(rank: number): Tree {
    switch (this.#below(6)) {
      case 0:
        return map([
          ["x", this.#single(rank)],
          ["y", list([this.#single(rank)])],
        ]);
      case 1:
        return text(this.#target(rank, "single", "list", "mapping"));
      case 2:
        return list([this.#single(rank)]);
      default:
        return this.#single(rank);
    }
  }

  /** A mapping with references in its values, which others refer to as a whole. */
  #tree(rank: number, depth: number): Tree {
    const entries: [Tree, Tree][] = this.#some(names.single, 30).map((name) => [this.#key(name), this.#single(rank)]);
    for (const name of this.#some(names.list, 30)) {
      entries.push([text(name), this.#chance(50) ? text(this.#target(rank, "list")) : list([this.#item(rank)])]);
    }
    for (const name of depth > 0 ? this.#some(names.mapping, 40) : []) {
      entries.push([text(name), this.#chance(40) ? text(this.#target(rank, "mapping")) : this.#tree(rank, depth - 1)]);
    }
    return map(this.#shuffled(entries));
  }

  #value(rank: number, holds: Family): Tree {
    switch (holds) {
      case "single":
        return this.#single(rank);
      case "listed":
        return this.#chance(50) ? text(this.#target(rank, "list")) : list([this.#scalar()]);
      case "mapped":
        return this.#chance(60) ? text(this.#target(rank, "mapping")) : this.#tree(rank, 1);
      case "tree":
        return this.#tree(rank, 2);
      case "items":
        return list(Array.from({ length: 1 + this.#below(2) }, () => this.#item(rank)));
    }
  }

  /** Values of `~` and `=` keys, which nobody refers to (4). */
  #prefixed(depth: number): Tree {
    const keys = this.#some([...names.single, ...names.list, ...(depth > 0 ? names.mapping : [])], 35);
    const entries = keys.flatMap((name): [Tree, Tree][] => {
      const value = () => {
        if (names.single.includes(name))
          return this.#chance(30) ? text(this.#words(this.#ranked.length)) : this.#scalar();
        return names.list.includes(name) ? list([this.#scalar()]) : this.#prefixed(depth - 1);
      };
      const marked = (): Tree => text(`${this.#chance(this.#lenient ? 60 : 95) ? "~" : "="}${name}`);
      if (!this.#asks && this.#chance(10))
        return [
          [this.#key(name), value()],
          [marked(), value()],
        ]; // (8)
      return [[this.#chance(50) ? marked() : this.#key(name), value()]];
    });
    return map(this.#shuffled(entries));
  }

  /** Anything over anything, which nobody refers to. */
  #anything(): Tree {
    const all = this.#ranked.length;
    switch (this.#below(6)) {
      case 0:
        return raw("~");
      case 1:
        return list([this.#scalar(), this.#single(all)]);
      case 2:
        return map([
          [this.#key(this.#pick(names.single)), this.#scalar()],
          ["m1", map([["s1", this.#single(all)]])],
        ]);
      case 3:
        return text(this.#target(all, this.#pick(["single", "list", "mapping"])));
      default:
        return this.#single(all);
    }
  }

  // --- documents --------------------------------------------------------------------------------------------------

  /** Parameters that a file sets. The class `base` sets all that others may refer to. */
  #parameters(base: boolean): [string, Tree][] {
    const entries: [string, Tree][] = [];
    const set = (percent: number, name: string, value: () => Tree) =>
      this.#chance(percent) && entries.push([name, value()]);
    for (const [name, shape] of this.#shapes) set(base ? 100 : 15, name, () => this.#literal(shape, base ? 100 : 40));
    const keys = [...(this.#shapes.get("lit0") as ReadonlyMap<string, Shape>)].filter(
      ([, shape]) => shape === "single",
    );
    const names = keys.map(([name]) => name).filter((name) => name !== "true");
    set(base ? 100 : 20, "pick", () => text(names.length > 0 ? this.#pick(names) : "none"));
    for (const [rank, { name, holds, once }] of this.#ranked.entries()) {
      set(base ? 100 : once ? 0 : 18, name, () => this.#value(rank, holds));
    }
    set(base ? 100 : 15, "want", () => raw(this.#pick(["1", "2", "true", "a", "1.0"]))); // (12)
    set(35, "marked", () => this.#prefixed(2));
    const twice = entries.some(([name]) => name === "marked") && this.#asks; // (8)
    set(10, this.#pick(["=fixed", "~fresh", twice ? "~other" : "~marked"]), () => this.#prefixed(1));
    set(this.#failing ? 15 : 3, "any", () => this.#anything());
    set(15, "nothing", () => (base ? raw("~") : this.#tree(this.#ranked.length, 1)));
    set(15, "esc", () => text(joined(Array.from({ length: 1 + this.#below(5) }, () => this.#pick(escapes)))));
    if (!base) set(15, "_reclass_", () => map([["added", this.#scalar()]]));
    set(15, "me", () => text(`${this.#reference(["_reclass_", "name", this.#pick(["short", "full"])])}`));
    return entries;
  }

  #exports(): Tree {
    const literal = this.#literals.filter((target) => target.literal);
    const singles = literal.filter(({ kind }) => kind === "single");
    const mappings = literal.filter(({ kind }) => kind === "mapping");
    const single = (): Tree => {
      const known = [raw(this.#pick(["1", "2", "true", "a"])), this.#scalar()];
      return this.#chance(60) ? this.#pick(known) : text(this.#reference(this.#pick(singles).path));
    };
    const entries: [string, Tree][] = [["o1", single()]];
    entries.push([
      "o2",
      this.#chance(30)
        ? text(this.#reference(this.#pick(mappings).path))
        : map([
            ["s1", single()],
            ["s2", single()],
          ]),
    ]);
    entries.push(["o3", list([single(), text(this.#reference(this.#pick(literal).path))])]);
    return map(this.#some(entries, 60));
  }

  #query(): Tree {
    const path = (): string =>
      ["exports", ...this.#pick([["o1"], ["o2"], ["o3"], ["o2", "s2"], ["o2", "s1"]])].join(this.#delimiter);
    const right = (): string =>
      this.#pick(["1", "2", "true", "a", "1.0", "-1", ["self", "want"].join(this.#delimiter)]);
    const test = (): string => `${path()} ${this.#pick(["==", "!="])} ${right()}`;
    const tests = this.#chance(30) ? `${test()} ${this.#pick(["and", "or"])} ${test()}` : test();
    const options = this.#pick(["", "", "+AllEnvs ", "+IgnoreErrors ", "+AllEnvs +IgnoreErrors "]);
    return text(`$[ ${options}${this.#pick([path(), `${path()} if ${tests}`, `if ${tests}`])} ]`);
  }

  /** Parameters with queries, and those that use them: nobody else refers to them (11). */
  #queries(): [string, Tree][] {
    if (!this.#asks || this.#chance(40)) return [];
    const uses = this.#pick([this.#reference(["asked"]), `of ${this.#reference(["asked"])}`]);
    return [["asked", this.#query()], ...(this.#chance(50) ? ([["uses", text(uses)]] as [string, Tree][]) : [])];
  }

  #classNames(): readonly string[] {
    const pool = ["a", "a.b", "a.b.c", "sys.x", "sys.y", "sys", "d", "e.f.g"];
    return ["base", "kind.one", "kind.two", "two.n", ...this.#shuffled(pool).slice(0, this.#below(5))];
  }

  #classPath(name: string, all: readonly string[]): string {
    const path = name.replaceAll(".", "/");
    const directory = all.some((other) => other.startsWith(`${name}.`));
    if (directory || name.length % 4 === 0) return `classes/${path}/init.yml`;
    return `classes/${name.length % 3 === 0 && name !== "sys" ? name : path}.${name.length % 5 === 0 ? "yaml" : "yml"}`;
  }

  /** A class as a file names it: in full, relative, or with a parameter that `base` sets, once (6). */
  #named(wanted: string, by: string): string {
    if (wanted.startsWith("kind.") && this.#chance(60)) {
      return `kind.${this.#reference(["_kind", wanted === "kind.one" ? "k1" : "k2"])}`;
    }
    if (!this.#chance(35)) return wanted;
    const above = by.split(".").slice(0, -1);
    const target = wanted.split(".");
    const shared = above.filter(
      (part, index) => above.slice(0, index + 1).join() === target.slice(0, index + 1).join() && part === target[index],
    ).length;
    const kept = Math.min(shared, target.length - 1);
    return `${".".repeat(above.length - kept + 1)}${target.slice(kept).join(".")}`;
  }

  #lost(): readonly string[] {
    if (!this.#chance(this.#ignores ? 15 : this.#failing ? 2 : 0)) return [];
    return [this.#pick(["lost.a", "x.y", this.#failing ? "nowhere" : "lost.b", "lost.${_kind:k1}"])];
  }

  #document(
    classes: readonly string[],
    applications: readonly string[],
    parameters: readonly [string, Tree][],
  ): Entry[] {
    const content: [string, Tree][] = [];
    if (classes.length > 0) content.push(["classes", list(classes.map(text))]);
    if (applications.length > 0) content.push(["applications", list(applications.map(text))]);
    content.push(["parameters", map(this.#shuffled(parameters))]);
    if (this.#asks || this.#chance(15)) content.push(["exports", this.#exports()]);
    return (map(content) as Extract<Tree, { kind: "map" }>).entries.slice();
  }

  #class(name: string, index: number, classes: readonly string[]): Tree {
    if (name.startsWith("kind."))
      return map([["parameters", map([["kinds", list([text(name)])], ...this.#parameters(false).slice(0, 2)])]]);
    const later = classes.slice(index + 1);
    const used =
      name === "base" || name === "two.n" ? [] : this.#shuffled(this.#some(later.concat(classes.slice(1, 3)), 40));
    const wanted = this.#failing && this.#chance(2) ? [...used, name] : used;
    const applications = this.#some(["nova", "keystone", "two words"], 20); // (5)
    const parameters = this.#parameters(name === "base");
    if (name === "base")
      parameters.push([
        "_kind",
        map([
          ["k1", text("one")],
          ["k2", text("two")],
        ]),
      ]);
    const content = this.#document(
      [...wanted.map((each) => this.#named(each, name)), ...this.#lost()],
      applications,
      parameters,
    );
    if (this.#chance(5)) content.push({ key: text("environment"), value: text("ignored") });
    return { kind: "map", entries: content };
  }

  #node(name: string, classes: readonly string[]): Tree {
    const own = ["base", ...this.#shuffled(this.#some(classes.slice(1), 60))];
    // Nodes of one kind have the same classes: what these come to is shared.
    const used = this.#chance(50) ? (this.#usual ?? own) : own;
    this.#usual ??= own;
    const applications = this.#some(["~nova", "keystone", "glance", "~none"], 25);
    const parameters: [string, Tree][] = [...this.#parameters(false), ...this.#queries()];
    const copied = this.#ranked.filter(({ kind, once }) => once || kind !== "mapping"); // (13)
    if (this.#chance(30) && copied.length > 0) {
      parameters.push(["copied", text(this.#reference([this.#pick(copied).name]))]);
    }
    if (this.#chance(20)) parameters.push(["_own", map([["s", this.#scalar()]])]);
    const content = this.#document(
      [...used.map((each) => this.#named(each, name)), ...this.#lost()],
      applications,
      parameters,
    );
    if (this.#chance(25)) content.push({ key: text("environment"), value: text(this.#pick(["prod", "base", "lab"])) });
    return { kind: "map", entries: content };
  }
}

/** @returns a text of these pieces, in which nothing begins that none of them begins: no query (11), no odd reference (14). */
const joined = (pieces: readonly string[]): string =>
  pieces.reduce((before, piece) => {
    const begins = (/\$$/.test(before) && /^[{[]/.test(piece)) || (/\\$/.test(before) && /^\\+\$/.test(piece));
    return `${before}${begins ? "-" : ""}${piece}`;
  }, "");

/** A parameter that may hold references; `once` where one class sets it and no other. */
type Ranked = { readonly name: string; readonly kind: Target["kind"]; readonly holds: Family; readonly once: boolean };
type Family = "single" | "listed" | "mapped" | "tree" | "items";
type Shape = "single" | "list" | "mappings" | ReadonlyMap<string, Shape>;

/** @returns every path below a literal value that a reference can name, items of lists by their index (2). */
function targetsOf(path: readonly string[], shape: Shape): readonly Target[] {
  if (shape === "single") return [{ path, kind: "single", literal: true }];
  const whole: Target = { path, kind: shape instanceof Map ? "mapping" : "list", literal: true };
  if (shape === "list") return [whole];
  if (shape === "mappings") {
    return [
      whole,
      { path: [...path, "0", "x"], kind: "single", literal: true },
      { path: [...path, "-1", "y"], kind: "list", literal: true },
    ];
  }
  const below = [...(shape as ReadonlyMap<string, Shape>)].flatMap(([name, each]) => {
    return targetsOf([...path, name === "true" ? "True" : name], each);
  });
  return [whole, ...below];
}
