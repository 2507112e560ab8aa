import type { Outcome, TargetOf } from "../../wait/probe.ts";
import type { Address } from "../network/connect.ts";
import { atMost, type Conversation, closeAfter, Ended, talkTo } from "../protocol/conversation.ts";
import { nativeScramble } from "./mysql-login.ts";

export type Account = { readonly user: string; readonly password: string; readonly database: string };

/** The server wants a login that this client does not know. */
export class OtherLogin extends Error {}

/** Capabilities (https://mariadb.com/kb/en/connection/#capabilities): long password, with database, protocol 4.1, */
const withDatabase = 1 << 3;
/** transactions, secure connection, authentication by plugin. */
const capabilities = 1 | (1 << 9) | (1 << 13) | (1 << 15) | (1 << 19);
const native = "mysql_native_password";

/** Errors that a server gives because it is full or on its way, not because it says no. */
const passing: ReadonlySet<number> = new Set([1040, 1047, 1053, 1129, 1203, 1205, 1226, 1927]);

type Packet = { readonly number: number; readonly bytes: Buffer };

/** An error packet as an outcome, in the server's own words: they never hold the password. */
function refusal(bytes: Buffer): Ended {
  const code = bytes.readUInt16LE(1);
  const text = bytes.toString("utf8", bytes[3] === 0x23 ? 9 : 3);
  return new Ended({ state: passing.has(code) ? "unready" : "refused", reason: `${text} (error ${code})` });
}

/**
 * A connection to MariaDB or MySQL: the text protocol's simplest part. By hand rather than by mysql2, with which waiting logs in
 * (probe/mysql.ts): a whole health check may take 1.5 times as long as Node's own start, and loading mysql2 alone takes more
 * than that leaves. Where the server wants another login than by mysql_native_password, waiting's way is taken all the same.
 */
export class Session {
  readonly #talk: Conversation;

  constructor(talk: Conversation) {
    this.#talk = talk;
  }

  #packet(): Promise<Packet> {
    return this.#talk.take((held) => {
      if (held.length < 4) return undefined;
      const length = held.readUIntLE(0, 3);
      if (held.length < length + 4) return undefined;
      return { value: { number: held[3] as number, bytes: held.subarray(4, length + 4) }, used: length + 4 };
    });
  }

  #send(number: number, bytes: Buffer): void {
    const head = Buffer.alloc(4);
    head.writeUIntLE(bytes.length, 0, 3);
    head[3] = number;
    this.#talk.send(Buffer.concat([head, bytes]));
  }

  async login({ user, password, database }: Account): Promise<void> {
    const { bytes } = await this.#packet();
    if (bytes[0] === 0xff) throw refusal(bytes);
    if (bytes[0] !== 10) throw new Ended({ state: "refused", reason: "it does not speak MySQL's protocol" });
    const at = bytes.indexOf(0, 1) + 5;
    const nonce = Buffer.concat([bytes.subarray(at, at + 8), bytes.subarray(at + 27, at + 39)]);
    const fixed = Buffer.alloc(32);
    fixed.writeUInt32LE(capabilities | (database === "" ? 0 : withDatabase), 0);
    fixed.writeUInt32LE(1 << 24, 4);
    // utf8mb4
    fixed[8] = 45;
    const proof = nativeScramble(password, nonce);
    const names = [`${user}\0`, ...(database === "" ? [] : [`${database}\0`]), `${native}\0`].map((text) =>
      Buffer.from(text),
    );
    const [first, ...rest] = names as [Buffer, ...Buffer[]];
    this.#send(1, Buffer.concat([fixed, first, Buffer.from([proof.length]), proof, ...rest]));
    let answer = await this.#packet();
    if (answer.bytes[0] === 0xfe) {
      const end = answer.bytes.indexOf(0, 1);
      if (answer.bytes.toString("latin1", 1, end) !== native) throw new OtherLogin();
      this.#send(answer.number + 1, nativeScramble(password, answer.bytes.subarray(end + 1, end + 21)));
      answer = await this.#packet();
    }
    if (answer.bytes[0] === 0xff) throw refusal(answer.bytes);
    if (answer.bytes[0] !== 0) throw new OtherLogin();
  }

  /** @returns the first column of the first row, as text; undefined where there is none or it is NULL. */
  async query(sql: string): Promise<string | undefined> {
    this.#send(0, Buffer.concat([Buffer.from([3]), Buffer.from(sql)]));
    const { bytes } = await this.#packet();
    if (bytes[0] === 0xff) throw refusal(bytes);
    if (bytes[0] === 0) return undefined;
    const isEnd = (packet: Buffer) => packet[0] === 0xfe && packet.length < 9;
    // The columns, then the rows; each ends with a packet of its own.
    while (!isEnd((await this.#packet()).bytes));
    let found: string | undefined;
    for (let row = 0; ; row++) {
      const { bytes: cells } = await this.#packet();
      if (cells[0] === 0xff) throw refusal(cells);
      if (isEnd(cells)) return found;
      const [length] = cells as unknown as [number];
      if (row === 0 && length < 0xfb) found = cells.toString("utf8", 1, 1 + length);
    }
  }

  /** Says goodbye, or the server logs an aborted connection, and waits until it has heard: its words come before its end. */
  async leave(): Promise<void> {
    this.#send(0, Buffer.from([1]));
    await atMost(100, this.#talk.closed());
  }
}

/** Logs in for a conversation. */
export const talkToMysql = (
  place: Address,
  account: Account,
  signal: AbortSignal,
  conversation: (session: Session) => Promise<Outcome>,
): Promise<Outcome> =>
  talkTo(place, signal, async (talk) => {
    const session = new Session(talk);
    await session.login(account);
    return closeAfter(
      () => conversation(session),
      () => session.leave(),
    );
  });

/** Where Alembic and sqlalchemy-migrate note the schema's version, and the column. */
const versionTables = [
  ["alembic_version", "version_num"],
  ["migrate_version", "version"],
] as const;

const noSuchTable = /\(error 1146\)$/;

/**
 * Asks for a change of no row: a server that is read-only refuses it all the same, and one whose tables are locked for a
 * backup keeps it waiting.
 */
async function canWrite(session: Session): Promise<Outcome> {
  for (const [table, column] of versionTables) {
    try {
      await session.query(`UPDATE ${table} SET ${column} = ${column} WHERE FALSE`);
      return { state: "ready" };
    } catch (error) {
      if (!(error instanceof Ended) || error.outcome.state === "ready") throw error;
      if (!noSuchTable.test(error.outcome.reason)) throw error;
    }
  }
  return { state: "unready", reason: "the database has no schema yet: its db-sync job has not run" };
}

/** Ready when the login works and, where the service needs a schema, it is there and can be written to. */
export const askDatabase = (target: TargetOf<"mysql">, signal: AbortSignal): Promise<Outcome> =>
  talkToMysql(target, target, signal, async (session) => (target.schema ? canWrite(session) : { state: "ready" }));
