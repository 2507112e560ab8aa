import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { planHandOver } from "../../src/handover/plan.ts";
import type { Baked } from "../../src/image/bake.ts";
import type { Dialect } from "../../src/openstack/component.ts";
import { findImage } from "../../src/openstack/images.ts";
import { supportedNames } from "../../src/openstack/releases.ts";
import { renderFiles } from "../../src/render/render.ts";
import { type SectionField, string } from "../../src/schema/field.ts";
import type { Settings } from "../../src/settings/settings.ts";
import { probesFor } from "../../src/wait/needs.ts";
import { bakeJudged, judged } from "../support/golden.ts";
import { parameters } from "../support/parameters.ts";
import { allFiles, plainSettings, settingsOf, smallImage } from "../support/rendering.ts";
import { choicesIn, filledUp, markerFor, type Place, placesIn, withChoice } from "./hostile/places.ts";
import { missing, type Read, readers } from "./hostile/readers.ts";
import { hostile, worst } from "./hostile/texts.ts";

/**
 * Every template of every image with a hostile text in every place that takes one, read back by what reads the file in an
 * image. Outcome of each (place, text): it is refused; or the places that show a harmless text in its stead show it, and
 * nothing else differs.
 */

type Values = Settings["values"];
/** One rendering: what stands in which place. */
type Filling = { readonly values: Values; readonly texts: ReadonlyMap<string, string> };
/** A file to be read, beside the same one with harmless texts in the same places. */
type Case = {
  readonly title: string;
  readonly dialect: Dialect;
  readonly harmless: string;
  readonly text: string;
  /** Harmless text to what stands in its place. */
  readonly swaps: ReadonlyMap<string, string>;
};

const cases: Case[] = [];
const wrong: string[] = [];
let refused = 0;
let accepted = 0;

const percent = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** Every harmless text of a filling; those are made of letters, digits and `/@:.-`. */
const patterns = new WeakMap<Case["swaps"], RegExp>();
function markersIn(swaps: Case["swaps"]): RegExp {
  const known = patterns.get(swaps);
  if (known) return known;
  // An image without a text that somebody chooses has no markers; of no alternative everything would be one.
  const markers = swaps.size === 0 ? "(?!)" : [...swaps.keys()].map((one) => one.replaceAll(".", "\\.")).join("|");
  const pattern = new RegExp(markers, "g");
  patterns.set(swaps, pattern);
  return pattern;
}

/** @returns whether a text is the harmless one with what stands in its place: as it is, or as a URL writes it. */
const isMeant = (text: string, harmless: string, swaps: Case["swaps"]): boolean =>
  [(one: string) => one, percent].some(
    (write) => text === harmless.replace(markersIn(swaps), (marker) => write(swaps.get(marker) as string)),
  );

function compare(title: string, harmless: Read, read: Read, swaps: Case["swaps"]): void {
  if ("error" in harmless) return void wrong.push(`${title}: even harmless: ${harmless.error}`);
  // A name in place of an address: nobody has it, so HAProxy looks for it in vain, as it should.
  if ("error" in read && /'bind' : invalid address: '[\w.-]+' in/.test(read.error)) return;
  if ("error" in read) return void wrong.push(`${title}: its reader refuses it: ${read.error}`);
  if (read.length !== harmless.length) {
    wrong.push(`${title}: ${read.length} places in place of ${harmless.length}`);
    return;
  }
  for (const [index, [place, value]] of read.entries()) {
    const [known, was] = harmless[index] as readonly [string, string];
    const fine = isMeant(place, known, swaps) && isMeant(value, was, swaps);
    if (!fine) wrong.push(`${title}: ${place} is ${JSON.stringify(value)}, and was ${JSON.stringify(was)} at ${known}`);
  }
}

/** Puts a text wherever it is taken; names of mappings last, since they are parts of paths. */
function fill(values: Values, places: readonly Place[], markers: ReadonlyMap<string, string>, text?: string): Filling {
  const texts = new Map<string, string>();
  let filled = values;
  for (const place of places) {
    const marker = markers.get(place.path) as string;
    const takes = text !== undefined && place.takes(text);
    // Two names of one mapping cannot be the same.
    const chosen = takes ? (place.path.endsWith("(its name)") ? `${text}` : text) : marker;
    texts.set(marker, chosen);
    filled = place.put(filled, chosen) as Values;
  }
  return { values: filled, texts };
}

const withValues = (settings: Settings, values: Values): Settings => ({ ...settings, values });

/** What a service is started with: each word, each variable, everything it waits for. */
function handedOver({ image }: Baked, settings: Settings): Read {
  return Object.entries(image.services).flatMap(([name, service]) => {
    const { command, environment } = planHandOver(service, settings, [], "/", [], false);
    return [
      ...command.map((word, index) => [`${name} word ${index}`, word] as const),
      ...command.map((word, index) => [`${name} option ${index}`, `${word.startsWith("-")}`] as const),
      ...environment.map(
        (entry) => [`${name} ${entry.split("=", 1)[0]}`, entry.slice(entry.indexOf("=") + 1)] as const,
      ),
      ...probesFor(service.needs, settings).map((probe, index) => [`${name} needs ${index}`, probe.name] as const),
    ];
  });
}

function tryAll(title: string, baked: Baked, base: Settings, schema: SectionField, texts: readonly string[]): void {
  const files = allFiles(baked.image);
  const dialects = new Map(files.map(({ path, dialect }) => [path, dialect]));
  const places = placesIn(schema, base.values).filter(({ path }) => path !== "version");
  const markers = new Map(places.map((place, index) => [place.path, markerFor(place, index)]));
  const plain = fill(base.values, places, markers);
  const harmless = renderFiles(baked.image, withValues(base, plain.values), files);
  if (!harmless.ok)
    return void wrong.push(`${title}: even harmless texts are refused: ${harmless.diagnostics[0]?.what}`);
  const before = handedOver(baked, withValues(base, plain.values));

  const note = (text: string, filling: Filling): boolean => {
    const settings = withValues(base, filling.values);
    const rendered = renderFiles(baked.image, settings, files);
    if (!rendered.ok) return false;
    const named = `${title} ${JSON.stringify(text.slice(0, 60))}`;
    compare(`${named} handed over`, before, handedOver(baked, settings), filling.texts);
    for (const [index, file] of rendered.value.entries()) {
      const was = harmless.value[index]?.text ?? "";
      if (file.text === was) continue;
      const dialect = dialects.get(file.path) as Dialect;
      cases.push({ title: `${named} ${file.path}`, dialect, harmless: was, text: file.text, swaps: filling.texts });
    }
    return true;
  };
  for (const text of texts) {
    const taking = places.filter((place) => place.takes(text));
    refused += places.length - taking.length;
    // Two names of a mapping would be one.
    const names = new Set<string>();
    const together = taking.filter(({ path }) => {
      const map = /^(.*)\.[^.]* \(its name\)$/.exec(path)?.[1];
      if (map === undefined) return true;
      if (names.has(map)) return false;
      names.add(map);
      return true;
    });
    const only = (some: readonly Place[]): Filling => {
      const chosen = new Set(some);
      const others = (place: Place): Place => (chosen.has(place) ? place : { ...place, takes: () => false });
      return fill(base.values, places.map(others), markers, text);
    };
    if (note(text, only(together))) accepted += together.length;
    else {
      // Somewhere it is refused: then each place by itself.
      for (const place of together) {
        if (note(text, only([place]))) accepted++;
        else refused++;
      }
    }
  }
}

for (const release of supportedNames) {
  for (const name of judged(release)) {
    test(`${name} of ${release} refuses or keeps every hostile text, in every place`, () => {
      const baked = bakeJudged(name, release);
      const { component, role } = baked.image.image;
      const schema = (findImage(component, role) as { schema: SectionField }).schema;
      const settings = settingsOf(baked, parameters);
      const before = wrong.length;
      tryAll(`${name} ${release}`, baked, settings, schema, release === "2025.1" ? hostile : worst);
      const full = withValues(settings, filledUp(schema, settings.values) as Values);
      tryAll(`${name} ${release}, all given,`, baked, full, schema, release === "2025.1" ? hostile : worst);
      for (const [path, other] of choicesIn(schema, full.values)) {
        const chosen = withValues(full, withChoice(full.values, path, other));
        tryAll(`${name} ${release}, ${path} ${other},`, baked, chosen, schema, worst.slice(0, 2));
      }
      assert.deepEqual(wrong.slice(before), []);
    });
  }
}

test("texts are often refused, and often written", () => {
  assert.ok(refused > 5000 && accepted > 5000, `${refused} refused, ${accepted} accepted`);
});

// What a schema refuses above all, its dialect must hold by itself: a field of free text may come any day.
const samples: Readonly<Partial<Record<Dialect, string>>> = {
  sh: "A={{ settings.a }}\nB={{ settings.a }}/x\n",
  mysql: "[mysqld]\nbind-address = {{ settings.a }}\nport = 1\n",
  rabbitmq: "default_vhost = {{ settings.a }}\nlog.console = true\n",
  haproxy: "frontend x\nmode http\ntimeout client 5s\nbind 127.0.0.1:1\nmonitor-uri {{ settings.a }}\nmaxconn 5\n",
  libvirt: "a = {{ settings.a }}\nb = 1\n",
  uwsgi: "[uwsgi]\nprocname = {{ settings.a }}\nmaster = true\n",
  python: "A = {{ settings.a }}\nB = [{{ settings.a }}]\n",
  json: '{"a": {{ settings.a }}, "b": 1}\n',
};
for (const [dialect, main] of Object.entries(samples) as [Dialect, string][]) {
  test(`a free text in ${dialect} is refused or kept`, () => {
    const { image, files } = smallImage({ a: string("A text.") }, { main }, dialect);
    const textWith = (a: string): string | undefined => {
      const rendered = renderFiles(image(), plainSettings({ a }), files);
      return rendered.ok ? rendered.value[0]?.text : undefined;
    };
    const harmless = textWith("zq0000qz") as string;
    const written = hostile.flatMap((a) => {
      const text = textWith(a);
      return text === undefined ? [] : [[a, text] as const];
    });
    assert.ok(written.length > (dialect === "rabbitmq" ? 2 : 20));
    for (const [a, text] of written) {
      const title = `${JSON.stringify(a.slice(0, 60))} in ${dialect}`;
      cases.push({ title, dialect, harmless, text, swaps: new Map([["zq0000qz", a]]) });
    }
  });
}

for (const [dialect, read] of Object.entries(readers)) {
  const skip = missing[dialect as keyof typeof readers];
  test(`a reader of ${dialect} gets back the intended values, and nothing else`, { skip }, () => {
    const own = cases.filter((one) => one.dialect === dialect);
    assert.ok(own.length > 0);
    const texts = [...new Set(own.flatMap(({ harmless, text }) => [harmless, text]))];
    const directory = mkdtempSync(join(tmpdir(), `plinth-${dialect}-`));
    try {
      const answers = new Map(read(texts, directory).map((answer, index) => [texts[index], answer]));
      const before = wrong.length;
      for (const { title, harmless, text, swaps } of own)
        compare(title, answers.get(harmless) as Read, answers.get(text) as Read, swaps);
      assert.deepEqual(wrong.slice(before, before + 20), []);
      assert.deepEqual(
        readdirSync(directory).filter((file) => !/^\d+\.conf$/.test(file)),
        [],
        "a reader made files",
      );
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
}
