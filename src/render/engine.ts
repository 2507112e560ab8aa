import { Script } from "node:vm";
import runtime from "nunjucks/src/runtime.js";

/**
 * Runs precompiled nunjucks templates on nunjucks' runtime alone. nunjucks' own Environment would bring its compiler,
 * parser, file loaders and filters into every start, although all that is left to do was compiled when the image was
 * baked: this file is the part of Environment, Context and Template that compiled code calls.
 */

type Frame = InstanceType<typeof runtime.Frame>;
type Callback<T> = (error: unknown, value?: T) => void;
type Root = (
  env: Environment,
  context: Context,
  frame: Frame,
  nunjucks: typeof runtime,
  done: Callback<string>,
) => void;
type Variables = Record<string, unknown>;
// biome-ignore lint/suspicious/noExplicitAny: compiled templates call these with whatever the template says.
export type Callable = (...values: any[]) => unknown;

export const SafeString = runtime.SafeString;

/** The variables of one run of a template, and the macros it exports. */
class Context {
  readonly #variables: Variables;
  readonly #globals: Variables;
  readonly #exported: string[] = [];
  constructor(variables: Variables, globals: Variables) {
    this.#variables = { ...variables };
    this.#globals = globals;
  }
  lookup(name: string): unknown {
    return Object.hasOwn(this.#variables, name) ? this.#variables[name] : this.#globals[name];
  }
  setVariable(name: string, value: unknown): void {
    this.#variables[name] = value;
  }
  getVariables(): Variables {
    return this.#variables;
  }
  addExport(name: string): void {
    this.#exported.push(name);
  }
  getExported(): Variables {
    return Object.fromEntries(this.#exported.map((name) => [name, this.#variables[name]]));
  }
}

class Template {
  readonly #env: Environment;
  readonly #root: Root;
  constructor(env: Environment, root: Root) {
    this.#env = env;
    this.#root = root;
  }
  render(variables: Variables): string {
    let text = "";
    this.#run(new Context(variables, this.#env.globals), (error, value) => {
      if (error) throw error;
      text = value ?? "";
    });
    return text;
  }
  /** What `{% import %}` calls; plinth's templates import without context (the check of templates sees to it). */
  getExported(done: Callback<Variables>): void {
    const context = new Context({}, this.#env.globals);
    this.#run(context, (error) => (error ? done(error) : done(null, context.getExported())));
  }
  #run(context: Context, done: Callback<string>): void {
    const frame = new runtime.Frame();
    frame.topLevel = true;
    this.#root(this.#env, context, frame, runtime, done);
  }
}

/** All templates of an image as one script, so that V8 can keep one code cache of them. */
export class Program {
  readonly #script: Script;
  readonly #makers: Readonly<Record<string, () => { root: Root }>>;
  /**
   * @param sources name to JavaScript of a function body that returns an object with `root`.
   * @param cache what `cache()` gave for the same sources, base64. One of another V8 is not used, and costs little.
   */
  constructor(sources: Readonly<Record<string, string>>, cache?: string) {
    const makers = Object.entries(sources).map(([name, source]) => `${JSON.stringify(name)}:function(){${source}\n}`);
    const filename = "plinth-templates.js";
    const cachedData = cache === undefined ? undefined : Buffer.from(cache, "base64");
    this.#script = new Script(`({${makers.join(",")}})`, cachedData ? { filename, cachedData } : { filename });
    this.#makers = this.#script.runInThisContext();
  }
  root(name: string): Root {
    const make = this.#makers[name];
    if (!make) throw new Error(`template ${name} was not baked into this image`);
    return make().root;
  }
  /** @returns V8's code cache, base64: with every function compiled that has run by now. */
  cache(): string {
    return this.#script.createCachedData().toString("base64");
  }
}

/** Precompiled templates with what they can name: variables and functions (`globals`), filters, tests. */
export class Environment {
  readonly opts = { autoescape: false };
  readonly globals: Variables;
  readonly #templates = new Map<string, Template>();
  readonly #program: Program;
  readonly #filters: Readonly<Record<string, Callable>>;
  constructor(program: Program, globals: Variables, filters: Readonly<Record<string, Callable>>) {
    this.#program = program;
    this.globals = globals;
    this.#filters = filters;
  }
  /** @returns the whole text of a template. Throws what a template throws: all that a user can get wrong was checked. */
  render(name: string): string {
    return this.#template(name).render({});
  }
  getTemplate(name: string, _eager: boolean, _parent: string, _optional: boolean, done: Callback<Template>): void {
    done(null, this.#template(name));
  }
  getFilter(name: string): Callable {
    return this.#filters[name] as Callable;
  }
  getTest(name: string): Callable {
    return tests[name as keyof typeof tests];
  }
  #template(name: string): Template {
    const known = this.#templates.get(name);
    if (known) return known;
    const template = new Template(this, this.#program.root(name));
    this.#templates.set(name, template);
    return template;
  }
}

/** `{% if x is none %}`: not set. The only test plinth's templates have; nunjucks' parser turns `none` into null. */
export const tests = { null: (value: unknown): boolean => value === null || value === undefined } as const;
