import { request } from "node:http";
import type { ContainerState } from "./recovery.ts";

/** The container engine of this machine, at its Unix socket (https://docs.docker.com/reference/api/engine/). */
export type Engine = {
  /** The containers of a project of Compose, in whatever state. */
  readonly containersOf: (project: string) => Promise<readonly ContainerState[]>;
  /** The project of Compose that a container belongs to; undefined where it belongs to none. */
  readonly projectOf: (id: string) => Promise<string | undefined>;
  readonly start: (id: string) => Promise<void>;
  /** Ends it as its image and its own settings say, then starts it. */
  readonly restart: (id: string) => Promise<void>;
};

/** Milliseconds for an answer. A restart is answered once the container runs again. */
const engineTimeoutMs = 60_000;

const projectLabel = "com.docker.compose.project";

type Inspected = {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Labels: Readonly<Record<string, string>> | null };
  readonly State: { readonly Status: string; readonly StartedAt: string; readonly Error: string };
  readonly HostConfig: {
    readonly NetworkMode: string;
    readonly PidMode: string;
    readonly IpcMode: string;
    readonly RestartPolicy: { readonly Name: string };
  };
};

function ask(socketPath: string, method: "GET" | "POST", path: string): Promise<unknown> {
  return new Promise((settle, reject) => {
    const asked = request({ socketPath, method, path, host: "localhost", timeout: engineTimeoutMs }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (part: string) => {
        text += part;
      });
      answer.once("error", reject);
      answer.once("end", () => {
        const status = answer.statusCode ?? 0;
        // 304: it is so already.
        if (status < 300 || status === 304) settle(text === "" ? undefined : JSON.parse(text));
        else reject(new Error(`${method} ${path} was answered with HTTP status ${status}: ${text.trim()}`));
      });
    });
    asked.once("timeout", () => asked.destroy(new Error(`no answer within ${engineTimeoutMs / 1000} s`)));
    asked.once("error", reject);
    asked.end();
  });
}

/** @returns what Docker's `container:NAME` names, by mode. */
const joinedBy = (modes: readonly string[]): readonly string[] =>
  modes.flatMap((mode) => /^container:(.+)$/.exec(mode)?.[1] ?? []);

const readContainer = ({ Id: id, Name: name, State: state, HostConfig: host }: Inspected): ContainerState => ({
  id,
  name: name.replace(/^\//, ""),
  state: state.Status,
  startedAt: Date.parse(state.StartedAt),
  error: state.Error,
  isRestarted: host.RestartPolicy.Name === "always" || host.RestartPolicy.Name === "unless-stopped",
  joins: [...new Set(joinedBy([host.NetworkMode, host.PidMode, host.IpcMode]))],
});

/** @param socket where the engine listens. Each call rejects where it does not answer, or with what it said. */
export function openEngine(socket: string): Engine {
  const inspect = async (id: string): Promise<Inspected> =>
    (await ask(socket, "GET", `/containers/${id}/json`)) as Inspected;
  return {
    async containersOf(project) {
      const filters = encodeURIComponent(JSON.stringify({ label: [`${projectLabel}=${project}`] }));
      const listed = (await ask(socket, "GET", `/containers/json?all=1&filters=${filters}`)) as { Id: string }[];
      // One may be removed meanwhile.
      const looks = await Promise.allSettled(listed.map(({ Id }) => inspect(Id)));
      return looks.flatMap((look) => (look.status === "fulfilled" ? [readContainer(look.value)] : []));
    },
    projectOf: async (id) => (await inspect(id)).Config.Labels?.[projectLabel],
    start: async (id) => void (await ask(socket, "POST", `/containers/${id}/start`)),
    restart: async (id) => void (await ask(socket, "POST", `/containers/${id}/restart`)),
  };
}
