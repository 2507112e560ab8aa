import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Check, Question } from "../../src/host/health/question.ts";
import { target } from "../../src/wait/probe.ts";
import { freePort, httpServer, mariadb, memcached, rabbitmq, Server } from "../../test/support/servers.ts";

const password = "bench-password";

/** Real servers, and for each kind of question a directory with what a start would have left behind there. */
export type Asked = { readonly roots: Readonly<Record<string, string>>; readonly stop: () => Promise<void> };

/** Starts a server for each of the four kinds of question that most services are asked. */
export async function startAsked(work: string, answers: (root: string) => boolean): Promise<Asked> {
  const login = { user: "nova", password, database: "nova" };
  const broker = { user: "openstack", password, virtualHost: "/openstack" };
  const kinds = {
    http: [httpServer, (at) => ({ ask: "http", place: at, path: "/v3", expect: [200] })],
    tcp: [memcached, (at) => ({ ask: "target", target: target({ kind: "tcp", ...at }) })],
    mysql: [
      mariadb(password),
      (at) => ({ ask: "target", target: target({ kind: "mysql", ...at, ...login, schema: false }) }),
    ],
    amqp: [rabbitmq(password), (at) => ({ ask: "target", target: target({ kind: "amqp", ...at, ...broker }) })],
  } as const satisfies Record<
    string,
    readonly [typeof memcached, (at: { readonly host: string; readonly port: number }) => Check]
  >;
  const servers: Server[] = [];
  const roots: Record<string, string> = {};
  for (const [name, [kind, check]] of Object.entries(kinds)) {
    const server = new Server(kind, await freePort());
    servers.push(server);
    server.start();
    const question: Question = {
      pid: server.pid,
      alive: [check({ host: server.host, port: server.port })],
      ready: [],
      depends: [],
    };
    const root = join(work, `health-${name}`);
    roots[name] = root;
    mkdirSync(join(root, "run/plinth/health"), { recursive: true });
    writeFileSync(join(root, "run/plinth/health/server.json"), JSON.stringify(question));
    await server.until(() => answers(root));
  }
  return { roots, stop: async () => void (await Promise.all(servers.map((server) => server.stop()))) };
}
