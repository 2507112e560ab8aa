import { catalog } from "../diagnostics/catalog.ts";

const meant = (nearest: string | undefined): string => (nearest ? `did you mean ${nearest}? ` : "");

/** What can be wrong in a pillar. Values are shown only where the field is no secret: the caller leaves `shown` out else. */
export const pillarMessage = catalog({
  "pillar-empty": {
    failure: "configuration",
    what: () => "the node's parameters hold no image's pillar",
    fix: ({ images }: { images: string }) =>
      `write the component and its role under parameters, such as nova: {controller: {...}}; known: ${images}`,
  },
  "image-unknown": {
    failure: "configuration",
    what: ({ image }: { image: string; nearest: string | undefined; known: string }) => `there is no image ${image}`,
    fix: ({ nearest, known }: { image: string; nearest: string | undefined; known: string }) =>
      `${meant(nearest)}known images: ${known}`,
  },
  "image-not-in-pillar": {
    failure: "configuration",
    what: ({ image }: { image: string; found: string }) => `the pillar has no block for ${image}`,
    fix: ({ found }: { image: string; found: string }) => `it has: ${found}`,
  },
  "image-ambiguous": {
    failure: "configuration",
    what: ({ found }: { found: string; first: string }) => `the pillar has blocks for several images: ${found}`,
    fix: ({ first }: { found: string; first: string }) =>
      `choose one with --image-name ${first}, or give the node the name of its image`,
  },
  "key-unknown": {
    failure: "configuration",
    what: ({ key, section }: { key: string; section: string; nearest: string | undefined; known: string }) =>
      `unknown key ${key} in ${section}`,
    fix: ({ nearest, known }: { key: string; section: string; nearest: string | undefined; known: string }) =>
      `${meant(nearest)}known keys: ${known}`,
  },
  "key-missing": {
    failure: "configuration",
    what: ({ path }: { path: string; doc: string; example: string }) => `${path} is missing`,
    fix: ({ doc, example }: { path: string; doc: string; example: string }) => `add it: ${example} (${doc})`,
  },
  "section-missing": {
    failure: "configuration",
    what: ({ path }: { path: string; required: string }) => `the section ${path} is missing`,
    fix: ({ required }: { path: string; required: string }) => `add it, with at least: ${required}`,
  },
  "group-missing": {
    failure: "configuration",
    what: ({ section, keys }: { section: string; keys: string }) => `${section} needs one of ${keys}`,
    fix: ({ keys }: { section: string; keys: string }) => `add exactly one of ${keys}`,
  },
  "group-twice": {
    failure: "configuration",
    what: ({ section, keys }: { section: string; keys: string }) =>
      `${section} has ${keys}: only one of them can be set`,
    fix: ({ keys }: { section: string; keys: string }) => `keep one of ${keys}`,
  },
  "copy-missing": {
    failure: "configuration",
    what: ({ path, from }: { path: string; from: string }) =>
      `${path} is missing, and so is ${from}, whose value it would take`,
    fix: ({ path, from }: { path: string; from: string }) => `give ${path} or ${from}`,
  },
  "kind-wrong": {
    failure: "configuration",
    what: ({ path, found, wants }: { path: string; found: string; wants: string }) =>
      `${path} is ${found}, but must be ${wants}`,
    fix: ({ path, wants }: { path: string; found: string; wants: string }) => `give ${path} ${wants}`,
  },
  "value-wrong": {
    failure: "configuration",
    what: ({ path, shown }: { path: string; shown: string | undefined; wants: string }) =>
      `${path}: ${shown ?? "the value (a secret)"} does not fit`,
    fix: ({ wants }: { path: string; shown: string | undefined; wants: string }) => `it must be ${wants}`,
  },
  "value-empty": {
    failure: "configuration",
    what: ({ path }: { path: string; wants: string; optional: boolean }) => `${path} is set but empty`,
    fix: ({ path, wants, optional }: { path: string; wants: string; optional: boolean }) =>
      `give ${path} ${wants}${optional ? ", or leave the key out" : ""}`,
  },
  "value-control": {
    failure: "configuration",
    what: ({ path }: { path: string }) =>
      `${path} holds a newline, a NUL or broken Unicode: written to a file, it would end the line and begin another option`,
    fix: () => "write the value in one line (a block scalar `|` ends with a newline: use quotes or `|-`)",
  },
  "placeholder-malformed": {
    failure: "configuration",
    what: ({ path }: { path: string }) => `${path} holds a \${ that no name and closing brace follow`,
    fix: () =>
      "write $NAME, or \\${NAME} before a letter (${NAME} is the model's own reference); put a default under `parameters:`; write $$ for a literal dollar",
  },
  "placeholder-in-text": {
    failure: "configuration",
    what: ({ path, kind }: { path: string; kind: string }) =>
      `${path} mixes a dynamic parameter with other text, but must be ${kind}`,
    fix: ({ path }: { path: string; kind: string }) => `make one parameter the whole value of ${path}`,
  },
  "placeholder-not-here": {
    failure: "configuration",
    what: ({ path }: { path: string; why: string }) => `${path} cannot be a dynamic parameter`,
    fix: ({ why }: { path: string; why: string }) => why,
  },
  "placeholder-twin": {
    failure: "configuration",
    what: ({ name, twin }: { name: string; twin: string }) =>
      `${twin} is a dynamic parameter, and also the variable that names the file with ${name}`,
    fix: ({ twin }: { name: string; twin: string }) => `rename ${twin} so that its name does not end in _FILE`,
  },
  "release-unknown": {
    failure: "configuration",
    what: ({ release }: { release: string; known: boolean; supported: string; nearest: string | undefined }) =>
      `version: plinth cannot build release ${release}`,
    fix: ({
      known,
      supported,
      nearest,
    }: {
      release: string;
      known: boolean;
      supported: string;
      nearest: string | undefined;
    }) => `${known ? "its configuration is not described. " : meant(nearest)}supported: ${supported}`,
  },
  "release-missing": {
    failure: "configuration",
    what: ({ path }: { path: string; supported: string }) =>
      `${path} is missing: the release of the image is not known`,
    fix: ({ supported }: { path: string; supported: string }) => `add version, one of: ${supported}`,
  },
  "map-key-wrong": {
    failure: "configuration",
    what: ({ section }: { section: string; words?: string | undefined }) => `${section}: this key is not allowed`,
    fix: ({ words }) =>
      words === undefined
        ? "use names without dots, blanks at the ends, braces, dollars or control characters"
        : `use only keys that are ${words}`,
  },
  "parameter-name-wrong": {
    failure: "configuration",
    what: () => "parameters: this key cannot be the name of a dynamic parameter",
    fix: () => "use letters, digits and _, not beginning with a digit, without $",
  },
  "parameter-not-scalar": {
    failure: "configuration",
    what: ({ name }: { name: string }) => `parameters: ${name} must be one value`,
    fix: () => "write a list as text with commas: a,b,c",
  },
  "parameter-unused": {
    failure: "configuration",
    severity: "warning",
    what: ({ name }: { name: string; nearest: string | undefined }) =>
      `parameters: ${name} is given, but no value of the pillar uses it`,
    fix: ({ name, nearest }: { name: string; nearest: string | undefined }) =>
      `${meant(nearest)}use it as $${name}, or remove it`,
  },
  "pillar-more": {
    failure: "configuration",
    what: ({ count }: { count: number }) => `${count} more mistakes of these kinds are not listed`,
    fix: () => "correct what is listed, and check again",
  },
  "secret-static": {
    failure: "configuration",
    severity: "warning",
    what: ({ path }: { path: string }) =>
      `${path} is a secret and is written in the pillar: it is baked into an image layer`,
    fix: () => "put a dynamic parameter there ($NAME) and give its value where the container runs",
  },
  "section-missed": {
    failure: "configuration",
    severity: "warning",
    what: ({ path, words }: { path: string; words: string }) => `${path} is left out: without it ${words}`,
    fix: ({ path }: { path: string; words: string }) => `add ${path}, unless something else provides it`,
  },
});
