import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Diagnostic } from "../../src/diagnostics/diagnostic.ts";
import { openModel } from "../../src/model/model.ts";
import { imageName, images } from "../../src/openstack/images.ts";
import { inRange, supportedNames } from "../../src/openstack/releases.ts";
import { type OptionList, type OptionRecord, readList } from "../../src/options/list.ts";
import { filesOfImage } from "../../src/options/places.ts";
import { readOptions } from "../../src/options/read.ts";
import { memorySource } from "../support/model.ts";
import { mustBe } from "../support/must-be.ts";
import { load } from "../support/rendering.ts";

/** Every file of oslo.config's, of every image in every release, with the release's list. */
const files = supportedNames.flatMap((release) =>
  images
    .filter((image) => inRange(image, release))
    .flatMap((image) =>
      filesOfImage(image, release)
        .filter(({ dialect }) => dialect === "oslo")
        .map(({ path }) => ({ release, image, path, list: readList(image.component, release, load) })),
    ),
);
type File = (typeof files)[number];

/** A slip: what is written, as what it has to be told, and of which option the help has to stand with it. */
type Slip = {
  readonly section: string;
  readonly option: string;
  readonly value: string;
  readonly code: string;
  readonly says: string;
  readonly of: OptionRecord;
};

const plain = ({ auth_types, backend_section, group_is_pattern }: OptionRecord): boolean =>
  !(auth_types || backend_section || group_is_pattern);

const slips: Readonly<Record<string, (list: OptionList) => Slip | undefined>> = {
  "a value below its range": (list) => {
    const of = list.records.find((one) => plain(one) && one.type === "Int" && one.min !== undefined);
    const value = String((of?.min ?? 0) - 1);
    return of && { section: of.group, option: of.name, value, code: "option-value-wrong", says: `"${value}"`, of };
  },
  "a value of another type": (list) => {
    const of = list.records.find((one) => plain(one) && one.type === "Int");
    return of && { section: of.group, option: of.name, value: "many", code: "option-value-wrong", says: '"many"', of };
  },
  "a value that is no choice": (list) => {
    const of = list.records.find(
      (one) => plain(one) && one.type === "Str" && !one.secret && (one.choices ?? []).length > 0,
    );
    return of && { section: of.group, option: of.name, value: "zzz", code: "option-value-wrong", says: '"zzz"', of };
  },
  "an unknown option": (list) => {
    const of = list.records.find((one) => plain(one) && one.name.length > 12 && !list.get(one.group, `${one.name}x`));
    const option = `${of?.name}x`;
    return of && { section: of.group, option, value: "1", code: "option-unknown", says: option, of };
  },
  "an older name": (list) => {
    const of = list.records.find(({ deprecated }) => deprecated?.some(({ group, name }) => !list.get(group, name)));
    const old = of?.deprecated?.find(({ group, name }) => !list.get(group, name));
    return (
      of && old && { section: old.group, option: old.name, value: "1", code: "option-renamed", says: old.name, of }
    );
  },
  "a secret in plain text": (list) => {
    const of = list.records.find((one) => one.secret && !one.backend_section && ["Str", "MultiStr"].includes(one.type));
    return (
      of && { section: of.group, option: of.name, value: "hunter2", code: "option-secret-open", says: of.name, of }
    );
  },
};

function told({ release, image, path }: File, { section, option, value }: Slip): readonly Diagnostic[] {
  const says = { _options: { [path]: { [section]: { [option]: value } } } };
  const source = memorySource({ "nodes/a.yml": `parameters: ${JSON.stringify(says)}\n` });
  const compiled = mustBe(mustBe(openModel(source, { overrides: new Map() })).compile("a"));
  return readOptions(compiled.parameters, { image, release, load }).diagnostics.filter(
    ({ severity }) => severity === "error",
  );
}

describe("in every file of every release", () => {
  for (const [what, slipIn] of Object.entries(slips)) {
    test(`${what} is refused, with its place, the name that is meant and the option's help`, () => {
      const seen = files.flatMap((file) => {
        const slip = file.list && slipIn(file.list);
        if (!slip) return [];
        const name = `${imageName(file.image)} ${file.release} ${file.path} [${slip.section}] ${slip.option}`;
        const errors = told(file, slip);
        assert.deepEqual(
          errors.map(({ code }) => code),
          [slip.code],
          `${name}: ${JSON.stringify(errors)}`,
        );
        const [{ what: says, fix, place } = assert.fail()] = errors;
        assert.ok(says.includes(slip.says) && says.includes(slip.section), `${name}: ${says}`);
        assert.ok(place?.kind === "document" && place.file.endsWith("nodes/a.yml"), `${name}: no place`);
        if (slip.code !== "option-secret-open") {
          assert.ok(fix.includes(slip.of.help ?? ""), `${name}: ${fix} has no help: ${slip.of.help}`);
          if (slip.code !== "option-value-wrong") assert.ok(fix.includes(slip.of.name), `${name}: ${fix}`);
        }
        assert.ok(!`${says}${fix}`.includes("hunter2"));
        return [file.release];
      });
      // Sources of kilo and liberty tell no ranges.
      const releases = what === "a value below its range" ? supportedNames.slice(-5) : supportedNames;
      assert.deepEqual(
        [...new Set(seen)].filter((name) => releases.includes(name)),
        releases,
      );
    });
  }
});
