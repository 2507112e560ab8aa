import { connect } from "node:net";

/** Says something to a memcached. @returns its answer, up to what ends it. */
function say(host: string, words: string): Promise<string> {
  return new Promise((settle, reject) => {
    const socket = connect({ host, port: 11211 });
    let text = "";
    socket.setTimeout(10_000, () => socket.destroy(new Error(`memcached said no end to ${words}`)));
    socket.on("error", reject);
    socket.on("data", (data) => {
      text += data.toString("latin1");
      if (!/(^|\n)(END|OK|ERROR)\r?\n$/.test(text)) return;
      socket.end();
      settle(text);
    });
    socket.write(`${words}\r\n`);
  });
}

/** @returns the names of all that a memcached keeps (doc/protocol.txt, "LRU Crawler"). */
export async function keysOf(host: string): Promise<readonly string[]> {
  const listed = await say(host, "lru_crawler metadump all");
  return [...listed.matchAll(/^key=(\S+)/gm)].map(([, key]) => decodeURIComponent(key ?? ""));
}

/** @returns what is kept by a name. */
export async function keptUnder(host: string, key: string): Promise<string> {
  const answer = await say(host, `get ${key}`);
  return answer.split("\r\n").slice(1, -2).join("\r\n");
}
