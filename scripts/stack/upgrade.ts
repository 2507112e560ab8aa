/**
 * Upgrades the running dev stack to another release (make upgrade TO=2026.1), or takes that back (BACK=1). Builds the images that are
 * missing first. UNTIL=phase and DRY_RUN=1 are plinth's own --until and --dry-run; FROM is the release that runs, where nothing is said.
 *
 * Exit status: plinth's own; 64 without TO; 69 where no stack is.
 */
import { spawnSync } from "node:child_process";
import { absence, containersOf } from "./containers.ts";
import { composeEnvironment, composeFile, deploymentOf, imageOf, makeSecrets, writeComposeFile } from "./deployment.ts";
import { buildMissing } from "./images.ts";
import { tellWrong } from "./model.ts";
import { readAsked, upgradeWords } from "./upgrade-words.ts";

const say = (text: string): boolean => process.stderr.write(`make upgrade: ${text}\n`);
const plinth = "build/bin/plinth";

/** The release that keystone's containers are of. */
function running(environment: NodeJS.ProcessEnv): string | undefined {
  const all = containersOf(deploymentOf(environment));
  return all.find(({ service }) => service === "keystone-server")?.image.replace(/^.*:/, "");
}

function main(): number {
  const asked = readAsked(process.env);
  const { to } = asked;
  if (to === "") {
    say("TO=2026.1 says to which release");
    return 64;
  }
  const from = asked.from || running(process.env) || "";
  const before = deploymentOf({ ...process.env, VERSION: from });
  const away = absence(before);
  if (away !== undefined) {
    say(away);
    return 69;
  }
  const after = deploymentOf({ ...process.env, VERSION: to });
  const where = ["--project", before.name, "--directory", before.directory, "--project-directory", "."];
  const words = upgradeWords(asked, from, process.env, [...where, "--engine", before.engine]);
  if (asked.changes) {
    const wrong = writeComposeFile(after);
    if (wrong.length > 0) return tellWrong(wrong);
    const { services, secrets } = composeFile(after);
    const images = [...Object.values(services).map(({ image }) => imageOf(image)), "openstack-client"];
    const built = buildMissing(after, images);
    if (built !== 0) return built;
    makeSecrets(after, Object.keys(secrets));
  }
  const { status } = spawnSync(plinth, words, { stdio: "inherit", env: composeEnvironment(before) });
  // Whichever release the cloud is on now as a whole, or was before: what make does next reads this file.
  writeComposeFile(status === 0 && asked.isWhole ? after : before);
  return status ?? 1;
}

process.exitCode = main();
