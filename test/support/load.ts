import { ask, logIn } from "../../scripts/stack/cloud.ts";

/** What a load met: how many rounds were done, how many failed, and the last reason. */
export type Met = { readonly done: number; readonly failed: number; readonly last: string };

export type Load = {
  /** What it met since the last time it was asked. */
  readonly met: () => Met;
  readonly stop: () => Promise<void>;
};

const words = (error: unknown): string => {
  const { message, cause } = error as Error;
  return cause instanceof Error ? cause.message : message;
};

/**
 * Puts a dev stack under load until it is stopped: users who log in, list servers and volumes, and make and delete a network
 * (which goes through keystone, the databases, the broker, and OVN), each as fast as the cloud answers.
 */
export function startLoad(password: string, users = 3): Load {
  let done = 0;
  let failed = 0;
  let last = "";
  let stopped = false;
  const expect = async (status: number, url: string, token: string, body?: unknown): Promise<unknown> => {
    const answer = await ask(url, token, body);
    if (answer.status !== status) throw new Error(`${url}: HTTP status ${answer.status}`);
    return answer.body;
  };
  const round = async (user: number): Promise<void> => {
    const { token } = await logIn(password);
    await expect(200, "http://localhost:8774/v2.1/servers/detail?all_tenants=1", token);
    await expect(200, "http://localhost:8776/v3/volumes", token);
    const name = `load-${user}`;
    const made = await expect(201, "http://localhost:9696/v2.0/networks", token, { network: { name } });
    const { id } = (made as { readonly network: { readonly id: string } }).network;
    const gone = await fetch(`http://localhost:9696/v2.0/networks/${id}`, {
      method: "DELETE",
      headers: { "x-auth-token": token },
      signal: AbortSignal.timeout(8000),
    });
    if (gone.status !== 204) throw new Error(`DELETE of a network: HTTP status ${gone.status}`);
  };
  const user = async (_: unknown, index: number): Promise<void> => {
    while (!stopped) {
      try {
        await round(index);
        done += 1;
      } catch (error) {
        failed += 1;
        last = words(error);
        await new Promise((settle) => setTimeout(settle, 200));
      }
    }
  };
  const running = Array.from({ length: users }, user);
  return {
    met() {
      const met = { done, failed, last };
      done = 0;
      failed = 0;
      return met;
    },
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}
