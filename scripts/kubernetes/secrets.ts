import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Deployment, secretsDirectory } from "../stack/deployment.ts";
import { modelWords } from "../stack/model.ts";
import { mustKubectl } from "./kubectl.ts";

/** The binary, which `make kubernetes-up` has made. */
const plinth = "build/bin/plinth";

/** Makes the Secrets that the cluster has not got yet, by `plinth secrets`. @returns its exit status. */
export const makeSecrets = ({ environment }: Deployment): Promise<number> =>
  new Promise((settle, reject) => {
    const child = spawn(plinth, ["secrets", ...modelWords(environment)], { stdio: ["ignore", 2, 2] });
    child.once("error", reject);
    child.once("close", (status) => settle(status ?? 1));
  });

/** Keeps the administrator's password in a file that only its owner reads, as `make up` does. */
export async function keepAdministrator(deployment: Deployment): Promise<void> {
  const words = ["get", "secret", "admin", "--namespace", deployment.name, "--output", "jsonpath={.data.value}"];
  const value = Buffer.from(await mustKubectl(words), "base64").toString();
  const directory = secretsDirectory(deployment);
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  writeFileSync(join(directory, "admin"), value, { mode: 0o600 });
}
