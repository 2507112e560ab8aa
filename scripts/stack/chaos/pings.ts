import { spawnSync } from "node:child_process";
import { type Deployment, guestImage } from "../deployment.ts";
import { eachLine } from "./lines.ts";
import { replyNumber } from "./samples.ts";
import { silence } from "./silence.ts";

/** Seconds between two pings. */
const interval = 0.5;

export type Pings = {
  /** Pings without a reply so far. One that is on its way, or whose reply comes late, is not lost. */
  readonly lost: () => number;
  /** Seconds since the last reply. */
  readonly silentFor: () => number;
  /** The longest time without a reply since this was asked last, in seconds. */
  readonly longestSilence: () => number;
  readonly stop: () => void;
};

/** This machine's own ping, or that of the guest's image in this machine's network. */
function pingWords(deployment: Deployment, address: string): readonly string[] {
  const words = ["ping", "-n", "-i", String(interval), address];
  if (!spawnSync("ping", ["-V"], { stdio: "ignore" }).error) return words;
  // As process 1 of its container, which has no handler, ping would outlive the SIGTERM that ends it (pid_namespaces(7)).
  const own = ["--rm", "--init", "--label", `com.docker.compose.project=${deployment.name}`, "--network", "host"];
  return [
    ...[deployment.engine, "run", ...own, "--entrypoint", "busybox", guestImage(deployment)],
    ...words.filter((word) => word !== "-n"),
  ];
}

/** Pings an address twice a second until it is stopped. A ping that ends (no route, say) is started again. */
export function startPings(deployment: Deployment, address: string): Pings {
  const replies = silence();
  let lost = 0;
  let begun = false;
  let stopped = false;
  let child: ReturnType<typeof eachLine> | undefined;

  const start = (): void => {
    // No reply yet: what is missing between two programs is told by the clock.
    let number: number | undefined;
    child = eachLine(pingWords(deployment, address), (line) => {
      const reply = replyNumber(line);
      if (reply === undefined) return;
      const silent = replies.heard();
      if (number === undefined) lost += begun ? Math.max(0, Math.round(silent / interval) - 2) : 0;
      else lost += Math.max(0, reply - number - 1);
      begun = true;
      number = Math.max(reply, number ?? 0);
    });
    child.once("close", () => {
      if (!stopped) setTimeout(start, 200);
    });
  };
  start();
  // Replies take turns with pings, so one that is being waited for is not lost yet.
  const pending = (): number => Math.max(0, Math.floor(replies.lasts() / interval) - 2);
  return {
    lost: () => lost + pending(),
    silentFor: replies.lasts,
    longestSilence() {
      const found = replies.longest();
      replies.forget();
      return found;
    },
    stop() {
      stopped = true;
      child?.kill();
    },
  };
}
