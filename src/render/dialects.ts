import type { Dialect } from "../openstack/component.ts";
import {
  type Assignment,
  readHaproxy,
  readIni,
  readJson,
  readNothing,
  readPlain,
  readPython,
  readYaml,
} from "./assignments.ts";
import { encodeJson, encodePython, encodeSql } from "./literal.ts";
import { encodeOslo, parseOslo } from "./oslo.ts";
import type { Encode } from "./value.ts";
import {
  encodeHaproxy,
  encodeLibvirt,
  encodeMysql,
  encodeRabbitmq,
  encodeSh,
  encodeText,
  encodeUwsgi,
} from "./words.ts";

/** How each reader's files are written and read. */
type Codec = {
  readonly encode: Encode;
  /** For `explain`, `--diff` and masks: the values of a file, be it somebody else's. */
  readonly read: (text: string) => readonly Assignment[];
  /** Blanks around lines, and empty lines, mean something to the reader: a text stands as it was written. */
  readonly exact?: true;
};

export const dialects: Readonly<Record<Dialect, Codec>> = {
  oslo: { encode: encodeOslo, read: parseOslo },
  uwsgi: { encode: encodeUwsgi, read: readIni },
  mysql: { encode: encodeMysql, read: readIni },
  rabbitmq: { encode: encodeRabbitmq, read: readPlain },
  libvirt: { encode: encodeLibvirt, read: readPlain },
  sh: { encode: encodeSh, read: readPlain },
  haproxy: { encode: encodeHaproxy, read: readHaproxy },
  json: { encode: encodeJson, read: readJson },
  python: { encode: encodePython, read: readPython },
  sql: { encode: encodeSql, read: readNothing },
  // JSON's texts are YAML's, too.
  yaml: { encode: encodeJson, read: readYaml, exact: true },
  text: { encode: encodeText, read: readNothing, exact: true },
};
