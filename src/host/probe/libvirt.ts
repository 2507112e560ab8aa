import type { Outcome, TargetOf } from "../../wait/probe.ts";
import { hungUp, open, unreachable } from "./network.ts";

/**
 * libvirt's remote protocol (https://libvirt.org/kbase/internals/rpc.html): 32-bit numbers, the most significant byte
 * first. The length of the whole, then program, version, procedure, type (a call is 0, its reply 1), serial, status.
 */
const program = 0x20008086;
const connectClose = 2;
const words = (...numbers: readonly number[]): Buffer => {
  const bytes = Buffer.alloc(4 * numbers.length);
  for (const [index, number] of numbers.entries()) bytes.writeUInt32BE(number, 4 * index);
  return bytes;
};
const question = words(28, program, 1, connectClose, 0, 0, 0);

/**
 * Ready when libvirtd answers a call. It is asked to close the connection, which it then does by itself: a client that
 * just leaves is an error in its log.
 */
export const attempt = (target: TargetOf<"libvirt">, signal: AbortSignal): Promise<Outcome> =>
  new Promise((resolve) => {
    const socket = open(target, signal);
    let answered = false;
    let answer = Buffer.alloc(0);
    const settle = (outcome: Outcome) => {
      resolve(outcome);
      socket.destroy();
    };
    socket.on("error", (error) => settle(unreachable(error, answered, signal)));
    socket.once("connect", () => {
      answered = true;
      socket.write(question);
    });
    socket.on("data", (bytes: Buffer) => {
      answer = Buffer.concat([answer, bytes]);
      if (answer.length < 8 || answer.readUInt32BE(4) === program) return;
      settle({ state: "refused", reason: "no libvirtd: it answers in another protocol" });
    });
    socket.once("end", () => settle(answer.length >= 28 ? { state: "ready" } : hungUp));
  });
