import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, sep } from "node:path";

/** The dev stack of README.md: no page gives it another name. */
const stack = "plinth";

const docker = (...words: readonly string[]): string => execFileSync("docker", words, { encoding: "utf8" }).trim();

/** The engine's images by name, with the id of each. */
const images = (): ReadonlyMap<string, string> =>
  new Map(
    docker("image", "ls", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}")
      .split("\n")
      .filter((line) => line !== "" && !line.includes("<none>"))
      .map((line) => line.split(" ") as [string, string]),
  );

/**
 * The environment that a reader's terminal would have: nothing of make's, of the test runner's, of plinth's or of the Makefile's own
 * variables, and no program of this checkout.
 */
export function readersEnvironment(environment: NodeJS.ProcessEnv, checkout: string): NodeJS.ProcessEnv {
  const ours =
    /^(MAKE.*|MFLAGS|NODE_.*|npm_(?!config_).*|PLINTH_.*|OS_.*|MODEL|VERSION|IMAGES|SINCE|DEPLOY_NAME|REGISTRY|ENGINE|JOBS|APT_MIRROR|APT_SNAPSHOT|NO_CACHE|PUSH|DRY_RUN|STACK|STACK_NETWORK|NETWORK|SERVICE|ARGS|TIMEOUT|OVERLAY|FORCE|KEEP)$/;
  const path = environment["PATH"]
    ?.split(":")
    .filter((directory) => !`${directory}${sep}`.startsWith(`${checkout}${sep}`));
  const rest = Object.entries(environment).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(rest), PATH: path?.join(":") };
}

/** A reader has told git who they are; a machine that runs tests may not have. */
function identity(): NodeJS.ProcessEnv {
  if (spawnSync("git", ["config", "user.email"]).status === 0) return {};
  const [name, email] = ["A reader", "reader@example.com"];
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email };
}

/** A clone of what is committed, and a machine that is put back as it was. */
export type Clone = {
  readonly directory: string;
  readonly env: NodeJS.ProcessEnv;
  /** Removes the clone, and of the engine the stack and the images that were made; names of images mean again what they did. */
  readonly remove: () => void;
};

/**
 * Clones the checkout's HEAD into a temporary directory. Throws where a dev stack is up, whose ports and name the pages want.
 */
export function cloneOf(checkout: string): Clone {
  const ofStack = ["--filter", `label=com.docker.compose.project=${stack}`];
  if (docker("ps", "--all", "--quiet", ...ofStack) !== "") {
    throw new Error(
      `a stack called ${stack} is there, which the pages start themselves: make down, then run this again`,
    );
  }
  const before = images();
  const parent = mkdtempSync(join(tmpdir(), "plinth-docs-"));
  const directory = join(parent, "plinth");
  execFileSync("git", ["clone", "--quiet", checkout, directory], { stdio: ["ignore", "ignore", "inherit"] });
  return {
    directory,
    env: { ...readersEnvironment(process.env, checkout), ...identity() },
    remove() {
      const containers = docker("ps", "--all", "--quiet", ...ofStack)
        .split("\n")
        .filter(Boolean);
      if (containers.length > 0) docker("rm", "--force", "--volumes", ...containers);
      for (const kind of ["network", "volume"]) {
        const all = docker(kind, "ls", "--quiet", ...ofStack)
          .split("\n")
          .filter(Boolean);
        // Docker may take a moment longer to take a container out of its network than to remove it.
        for (let left = 5; left > 0 && all.length > 0; left -= 1) {
          if (spawnSync("docker", [kind, "rm", ...all], { stdio: "ignore" }).status === 0) break;
          spawnSync("sleep", ["2"]);
        }
      }
      for (const [name, id] of images()) {
        const old = before.get(name);
        if (old === undefined) spawnSync("docker", ["image", "rm", name], { stdio: "ignore" });
        else if (old !== id) spawnSync("docker", ["image", "tag", old, name], { stdio: "ignore" });
      }
      if (existsSync(parent)) rmSync(parent, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}
