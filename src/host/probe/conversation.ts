import type { Outcome, Progress } from "../../wait/probe.ts";
import { type Address, connect } from "../network/connect.ts";
import { wordsOf } from "../network/unreached.ts";
import { closedWithoutAnswer } from "./hung-up.ts";
import { hungUp, unreachable } from "./network.ts";

type Conversation = {
  /** Whom it is with: `memcached`. */
  readonly what: string;
  readonly question: Buffer;
  /** @returns what all bytes so far say; undefined while they say nothing yet. `ended`: no more will come. */
  readonly judge: (answer: Buffer, ended: boolean) => Outcome | undefined;
};

/** Connects, asks one question and judges the answer. */
export async function converse(
  address: Address,
  { what, question, judge }: Conversation,
  signal: AbortSignal,
  progress?: Progress,
): Promise<Outcome> {
  try {
    const socket = await connect(address, signal, progress);
    const outcome = await new Promise<Outcome>((resolve) => {
      let answer = Buffer.alloc(0);
      const settle = (outcome: Outcome) => {
        signal.removeEventListener("abort", stop);
        socket.destroy();
        resolve(outcome);
      };
      const stop = () => settle({ state: "unready", reason: `accepted the connection, then ${wordsOf(signal)}` });
      signal.addEventListener("abort", stop);
      socket.on("error", (error) => settle(unreachable(error, signal)));
      socket.on("data", (bytes: Buffer) => {
        answer = Buffer.concat([answer, bytes]);
        const outcome = judge(answer, false);
        if (outcome) settle(outcome);
      });
      socket.once("end", () => settle(judge(answer, true) ?? hungUp));
      socket.write(question);
      if (signal.aborted) stop();
    });
    return outcome === hungUp ? await closedWithoutAnswer(address, what, signal) : outcome;
  } catch (error) {
    return unreachable(error as Error, signal);
  }
}
