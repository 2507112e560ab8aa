import type { EtcdEndpoint, EtcdEntry, EtcdSettings, EtcdState } from "../../overlay/etcd-settings.ts";
import { textOf } from "../strings.ts";
import { type EtcdResult, faultOfAnswer, faultOfError } from "./faults.ts";
import type { Connection } from "./http.ts";

/** What was read, and the token with which one may go on; none where etcd wants none. */
export type Read = EtcdState & { readonly token: string | undefined };

/** The parts of etcd's answers that are used (etcdserverpb in JSON: bytes are base64, 64-bit numbers are strings). */
type TransactionAnswer = {
  readonly header?: { readonly revision?: string };
  readonly responses?: readonly {
    readonly response_range?: { readonly kvs?: readonly { readonly key: string; readonly value?: string }[] };
  }[];
};

const base64 = (text: string) => Buffer.from(text).toString("base64");
const fromBase64 = (text: string) => textOf(Buffer.from(text, "base64"));

/** All directories in one transaction: what it gives is of one revision. It is not serializable, so it is the newest. */
function transactionFor(directories: readonly string[], keysOnly: boolean): string {
  const success = directories.map((directory) => ({
    // A range ends before its end: the directory's name with the byte after "/" in place of it.
    request_range: { key: base64(directory), range_end: base64(`${directory.slice(0, -1)}0`), keys_only: keysOnly },
  }));
  return JSON.stringify({ success });
}

/** The words of JSON.parse's errors would quote the answer, and that may be a secret. */
function parsed<T>(body: string): T {
  try {
    return JSON.parse(body) as T;
  } catch {
    throw new Error("its answer is not etcd's: no JSON");
  }
}

function stateOf(body: string): EtcdState {
  const { header, responses = [] } = parsed<TransactionAnswer>(body);
  if (header?.revision === undefined) throw new Error("its answer is not etcd's: no revision");
  const entries = responses.flatMap(({ response_range: range }) =>
    (range?.kvs ?? []).map(({ key, value = "" }): EtcdEntry => ({ key: fromBase64(key), value: fromBase64(value) })),
  );
  return { entries, revision: Number(header.revision) };
}

/** @returns a token, or none where etcd has authentication switched off: then anybody may read. */
async function authenticate(
  connection: Connection,
  login: EtcdSettings["login"],
  secure: boolean,
): Promise<EtcdResult<string | undefined>> {
  if (!login) return { ok: true, value: undefined };
  const words = JSON.stringify({ name: login.user, password: login.password });
  const answer = await connection.post("/v3/auth/authenticate", words, {});
  if (answer.status === 200) return { ok: true, value: parsed<{ token?: string }>(answer.body).token };
  if (answer.body.includes("authentication is not enabled")) return { ok: true, value: undefined };
  return { ok: false, fault: faultOfAnswer(answer, secure) };
}

/** Reads directories of keys through etcd's JSON gateway, which is there as /v3/ since 3.4. Never rejects. */
export async function readOverJson(
  connection: Connection,
  { secure }: EtcdEndpoint,
  { login }: EtcdSettings,
  directories: readonly string[],
  keysOnly = false,
): Promise<EtcdResult<Read>> {
  try {
    await connection.ready;
    const authenticated = await authenticate(connection, login, secure);
    if (!authenticated.ok) return authenticated;
    const token = authenticated.value;
    const headers = token === undefined ? {} : { Authorization: token };
    const answer = await connection.post("/v3/kv/txn", transactionFor(directories, keysOnly), headers);
    if (answer.status !== 200) return { ok: false, fault: faultOfAnswer(answer, secure) };
    return { ok: true, value: { ...stateOf(answer.body), token } };
  } catch (error) {
    return { ok: false, fault: faultOfError(error as Error, secure) };
  } finally {
    connection.close();
  }
}
