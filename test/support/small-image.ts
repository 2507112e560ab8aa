import { execFileSync } from "node:child_process";
import { chmodSync, cpSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { binary } from "./plinth.ts";

/** Where plinth is in an image. */
export const plinthInside = "/opt/plinth/bin/plinth";

/** Makes a build context: the tree of `make binary`, and a baked keystone-server with its links, as images have them. */
export function makeSmallContext(directory: string): void {
  const rootfs = join(directory, "rootfs");
  mkdirSync(join(rootfs, "etc/plinth"), { recursive: true });
  const node = ["--node", "keystone-server", "--release", "2025.1", "--templates", "config-templates"];
  const output = ["--output", join(rootfs, "etc/plinth/image.json"), "--link-root", rootfs];
  execFileSync(binary, ["bake", ...node, ...output], { stdio: ["ignore", "ignore", "inherit"] });
  // A tmpfs takes the mode of the directory below it: as in images/debian-base.
  mkdirSync(join(rootfs, "run"));
  chmodSync(join(rootfs, "run"), 0o1777);
  cpSync("build/plinth", join(directory, "plinth"), { recursive: true });
  writeFileSync(join(directory, "Dockerfile"), "ARG BASE\nFROM ${BASE}\nCOPY plinth/ /opt/plinth/\nCOPY rootfs/ /\n");
}

/** What keystone-server wants; nothing of it is there. */
export const absentDependencies = {
  SERVICE_DATABASE_HOST: "nowhere.invalid",
  SERVICE_DATABASE_PASSWORD: "example-password",
  SERVICE_MEMCACHED_HOST: "nowhere.invalid",
  SERVICE_IDENTITY_HOST: "nowhere.invalid",
  SERVICE_IDENTITY_ADMIN_PASSWORD: "example-password",
};
