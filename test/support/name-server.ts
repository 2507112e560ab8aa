/**
 * Name servers for tests, several in one process. Usage: node name-server.ts CONFIG.json, which is read again for each question:
 * `{ADDRESS: {says, names: {NAME: [ADDRESS...]}, drops}}`. `says`: answers (to what it does not know, NXDOMAIN), nothing, servfail,
 * refused. `drops`: questions of this type get no answer. Prints a line once all listen.
 */
import { createSocket } from "node:dgram";
import { readFileSync } from "node:fs";
import { isIPv4 } from "node:net";

export type NameServers = Readonly<
  Record<
    string,
    {
      readonly says: "answers" | "nothing" | "servfail" | "refused";
      readonly names?: Readonly<Record<string, readonly string[]>>;
      readonly drops?: "A" | "AAAA";
    }
  >
>;

const codes = { answers: 0, servfail: 2, nxdomain: 3, refused: 5 } as const;
const types = { A: 1, AAAA: 28 } as const;

/** @returns the 16 bytes of an IPv6 address, the 4 of an IPv4 one. */
function bytesOf(address: string): Buffer {
  if (isIPv4(address)) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail = ""] = address.split("::").map((part) => part);
  const words = (part: string) => (part === "" ? [] : part.split(":").map((word) => Number.parseInt(word, 16)));
  const [first, last] = [words(head), words(tail)];
  const all = [...first, ...Array<number>(8 - first.length - last.length).fill(0), ...last];
  return Buffer.from(all.flatMap((word) => [word >> 8, word & 255]));
}

/** RFC 1035, 4: a header of 12 bytes, the question, and answers that point to its name. */
function answer(question: Buffer, server: NameServers[string]): Buffer | undefined {
  const labels: string[] = [];
  let at = 12;
  for (let length = question[at] ?? 0; length > 0; length = question[at] ?? 0) {
    labels.push(question.toString("latin1", at + 1, at + 1 + length));
    at += 1 + length;
  }
  const type = question.readUInt16BE(at + 1);
  const end = at + 5;
  if (server.says === "nothing" || (server.drops !== undefined && types[server.drops] === type)) return undefined;
  const addresses = server.names?.[labels.join(".").toLowerCase()];
  const fitting = (addresses ?? []).filter((address) => isIPv4(address) === (type === types.A));
  const code = server.says === "answers" ? (addresses ? codes.answers : codes.nxdomain) : codes[server.says];
  const found = code === 0 ? fitting : [];
  const header = Buffer.from(question.subarray(0, 12));
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(found.length, 6);
  header.fill(0, 8, 12);
  const records = found.map((address) => {
    const bytes = bytesOf(address);
    // Pointer to the name, type, class IN, no time to live.
    return Buffer.concat([Buffer.from([0xc0, 12, 0, type, 0, 1, 0, 0, 0, 0, 0, bytes.length]), bytes]);
  });
  return Buffer.concat([header, question.subarray(12, end), ...records]);
}

const [file = ""] = process.argv.slice(2);
const config = (): NameServers => JSON.parse(readFileSync(file, "utf8"));
const listening = Object.keys(config()).map(
  (address) =>
    new Promise<void>((resolve) => {
      const socket = createSocket("udp4");
      socket.on("message", (question, { port, address: from }) => {
        const server = config()[address];
        const reply = server && answer(question, server);
        if (reply) socket.send(reply, port, from);
      });
      socket.bind(53, address, resolve);
    }),
);
await Promise.all(listening);
console.log("listening");
