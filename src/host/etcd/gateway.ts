import { failure, type Result, success } from "../../diagnostics/diagnostic.ts";
import type { EtcdEndpoint, EtcdEntry, EtcdSettings, EtcdState } from "../../overlay/etcd-settings.ts";
import { connectorFor } from "./connect.ts";
import { askUntil, type Limits, type Trial } from "./endpoints.ts";
import { failureOf, faultOfAnswer, faultOfError, type Try } from "./faults.ts";
import type { Connection } from "./http.ts";

/** What was read, from whom, and the token with which one may go on there. */
export type Reading = EtcdState & { readonly endpoint: EtcdEndpoint; readonly token: string | undefined };

/** The parts of etcd's answers that are used (etcdserverpb in JSON: bytes are base64, 64-bit numbers are strings). */
type RangeAnswer = { readonly kvs?: readonly { readonly key: string; readonly value?: string }[] };
type TransactionAnswer = {
  readonly header: { readonly revision: string };
  readonly responses?: readonly { readonly response_range?: RangeAnswer }[];
};

const base64 = (text: string) => Buffer.from(text).toString("base64");
const fromBase64 = (text: string) => Buffer.from(text, "base64").toString();

/** @returns the folders of keys that concern an image, the weaker one first. */
export const foldersOf = ({ prefix }: EtcdSettings, image: string): readonly string[] => [
  `${prefix}/all/`,
  `${prefix}/${image}/`,
];

/** Both folders in one transaction: all of it is of one revision. Not serializable, so what it gives is the newest. */
function transactionFor(folders: readonly string[]): string {
  const success = folders.map((folder) => ({
    // A range ends before its end: the folder's name with the byte after "/" in place of it.
    request_range: { key: base64(folder), range_end: base64(`${folder.slice(0, -1)}0`) },
  }));
  return JSON.stringify({ success });
}

function stateOf(body: string): EtcdState {
  const { header, responses = [] } = JSON.parse(body) as TransactionAnswer;
  const entries = responses.flatMap(({ response_range: range }) =>
    (range?.kvs ?? []).map(({ key, value = "" }): EtcdEntry => ({ key: fromBase64(key), value: fromBase64(value) })),
  );
  return { entries, revision: Number(header.revision) };
}

/** @returns a token, or none where etcd has authentication switched off: then anybody may read. */
async function authenticate(
  connection: Connection,
  { user, password }: { user: string; password: string },
): Promise<Try<string | undefined>> {
  const answer = await connection.post("/v3/auth/authenticate", JSON.stringify({ name: user, password }), {});
  if (answer.status === 200) return { ok: true, value: (JSON.parse(answer.body) as { token: string }).token };
  if (answer.body.includes("authentication is not enabled")) return { ok: true, value: undefined };
  return { ok: false, fault: faultOfAnswer(answer) };
}

async function readFrom(
  endpoint: EtcdEndpoint,
  connection: Connection,
  settings: EtcdSettings,
  transaction: string,
): Promise<Try<Reading>> {
  try {
    await connection.ready;
    const login: Try<string | undefined> = settings.login
      ? await authenticate(connection, settings.login)
      : { ok: true, value: undefined };
    if (!login.ok) return login;
    const token = login.value;
    const answer = await connection.post(
      "/v3/kv/txn",
      transaction,
      token === undefined ? {} : { Authorization: token },
    );
    if (answer.status !== 200) return { ok: false, fault: faultOfAnswer(answer) };
    return { ok: true, value: { ...stateOf(answer.body), endpoint, token } };
  } catch (error) {
    return { ok: false, fault: faultOfError(error as Error, endpoint.secure) };
  }
}

/**
 * Reads all that concerns an image, through etcd's JSON gateway (there since 3.4 as /v3/), waiting until etcd is there.
 *
 * @returns the state, or one diagnostic that says what each endpoint said last. A signal ends it at once, like the deadline.
 */
export async function read(settings: EtcdSettings, image: string, limits: Limits): Promise<Result<Reading>> {
  const started = performance.now();
  const connect = await connectorFor(settings);
  if (!connect.ok) return connect;
  const transaction = transactionFor(foldersOf(settings, image));
  const begin = (endpoint: EtcdEndpoint): Trial<Reading> => {
    const connection = connect.value(endpoint);
    return {
      connected: connection.ready.catch(() => {}),
      outcome: readFrom(endpoint, connection, settings, transaction),
      cancel: connection.close,
    };
  };
  const reached = await askUntil(settings.endpoints, begin, limits);
  if (reached.ok) return success(reached.value);
  return failure([failureOf(reached.faults, settings, performance.now() - started)]);
}

/** The one read of a start; see {@link read}. */
export async function readOnce(settings: EtcdSettings, image: string, limits: Limits): Promise<Result<EtcdState>> {
  const reading = await read(settings, image, limits);
  return reading.ok ? success({ entries: reading.value.entries, revision: reading.value.revision }) : reading;
}
