import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Api, Row } from "./api.ts";
import { type Ensured, ensure, type Outcome, until, type Wanted } from "./ensure.ts";

export const keyFile = (directory: string): string => join(directory, "key");

/** A keypair that nova makes. One whose private half is not in the directory serves nobody, and is made again. */
export async function keypair(api: Api, directory: string): Promise<Outcome> {
  const file = keyFile(directory);
  const pub = `${file}.pub`;
  const rows = (await api.list("compute", "/os-keypairs", "keypairs")).map(
    ({ keypair: row }) => row as Readonly<Record<string, string>>,
  );
  const there = rows.find((row) => row["name"] === "demo");
  const own = existsSync(file) && existsSync(pub) ? readFileSync(pub, "utf8").trim() : undefined;
  if (there && there["public_key"]?.trim() === own) {
    chmodSync(file, 0o600);
    return "found";
  }
  if (there) await api.remove("compute", "/os-keypairs/demo");
  const { keypair: made } = (await api.post("compute", "/os-keypairs", { keypair: { name: "demo" } })) as {
    readonly keypair: Readonly<Record<string, string>>;
  };
  // A file that is there keeps its mode.
  rmSync(file, { force: true });
  writeFileSync(file, made["private_key"] ?? "", { mode: 0o600 });
  writeFileSync(pub, `${made["public_key"]?.trim()}\n`);
  return there ? "repaired" : "made";
}

/** What brings a server of some state back to ACTIVE. */
const remedies: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  SHUTOFF: { "os-start": null },
  PAUSED: { unpause: null },
  SUSPENDED: { resume: null },
};

/** States in which a server is of no more use. */
const lost = ["ERROR", "DELETED", "SOFT_DELETED"];

export type Order = {
  readonly name: string;
  readonly image: Row;
  readonly flavor: Row;
  readonly port: Row;
  /** What the guest does once it runs: see scripts/stack/guest/init. */
  readonly userData: string;
  /** A server that is there has another key. */
  readonly newKey: boolean;
  /** The hypervisor that it is to be on; left out, nova's scheduler chooses. */
  readonly host?: string;
};

/** Orders a server, or one that is there back to work. It is not ACTIVE yet when this ends. */
export async function server(api: Api, { name, image, flavor, port, userData, newKey, host }: Order): Promise<Ensured> {
  const wanted: Wanted = {
    service: "compute",
    path: "/servers/detail",
    query: `name=^${name}$`,
    key: "servers",
    name,
    serves: (row) => !lost.includes(String(row["status"])) && !newKey,
    make: async () =>
      (
        await api.post("compute", "/servers", {
          server: {
            name,
            imageRef: image.id,
            flavorRef: flavor.id,
            key_name: "demo",
            networks: [{ port: port.id }],
            user_data: Buffer.from(userData).toString("base64"),
            ...(host === undefined ? {} : { availability_zone: `nova:${host}` }),
          },
        })
      )["server"] as Row,
  };
  // What somebody has ordered of it ends first: a stop, say.
  await until(`server ${name} to be done with what it was told`, async () => {
    const rows = await api.list("compute", `${wanted.path}?${wanted.query}`, wanted.key);
    return rows.every((row) => row["OS-EXT-STS:task_state"] === null) ? true : undefined;
  });
  const ensured = await ensure(api, wanted);
  const remedy = ensured.outcome === "found" ? remedies[String(ensured.row["status"])] : undefined;
  if (remedy === undefined) return ensured;
  await api.post("compute", `/servers/${ensured.row.id}/action`, remedy);
  return { ...ensured, outcome: "repaired" };
}

/** Waits until a server runs. Throws with nova's reason where it cannot. */
export async function running(api: Api, { id }: Row): Promise<Row> {
  return until("the server to be ACTIVE", async () => {
    const { server: row } = (await api.get("compute", `/servers/${id}`)) as { readonly server: Row };
    const fault = row["fault"] as { readonly message: string } | undefined;
    if (row["status"] === "ERROR")
      throw new Error(`server ${row["name"]} is in ERROR: ${fault?.message ?? "no reason given"}`);
    // A resize that nobody has confirmed yet: it runs.
    return row["status"] === "ACTIVE" || row["status"] === "VERIFY_RESIZE" ? row : undefined;
  });
}

/** What a server has written to its console so far. */
export async function consoleLog(api: Api, { id }: Row): Promise<string> {
  const { output } = await api.post("compute", `/servers/${id}/action`, { "os-getConsoleOutput": { length: null } });
  return String(output);
}

/** The address of a server's screen in a browser, good for ten minutes. */
export async function consoleUrl(api: Api, { id }: Row): Promise<string> {
  const { remote_console: made } = (await api.post("compute", `/servers/${id}/remote-consoles`, {
    remote_console: { protocol: "vnc", type: "novnc" },
  })) as { readonly remote_console: { readonly url: string } };
  return made.url;
}

/** A volume of 1 GiB, attached to a server. */
export async function volume(api: Api, target: Row): Promise<Ensured> {
  const wanted: Wanted = {
    service: "volumev3",
    path: "/volumes/detail",
    query: "name=demo",
    key: "volumes",
    name: "demo",
    serves: (row) => !String(row["status"]).startsWith("error"),
    make: async () => (await api.post("volumev3", "/volumes", { volume: { name: "demo", size: 1 } }))["volume"] as Row,
  };
  let ensured = await ensure(api, wanted);
  await running(api, target);
  const look = async (): Promise<Row> => (await api.get("volumev3", `/volumes/${ensured.row.id}`))["volume"] as Row;
  let tries = 5;
  const now = await until("the volume to be available", async () => {
    const row = await look();
    if (String(row["status"]).startsWith("error")) {
      tries -= 1;
      if (tries === 0) throw new Error(`volume demo is in ${row["status"]}: make logs SERVICE=cinder-volume`);
      // What cinder's scheduler knows of its pools may be a minute old where services have just started.
      await sleep(15_000);
      ensured = await ensure(api, wanted);
      return undefined;
    }
    return row["status"] === "available" || row["status"] === "in-use" ? row : undefined;
  });
  const attached = (now["attachments"] as readonly { readonly server_id: string }[])[0]?.server_id;
  if (attached === target.id) return ensured;
  if (attached !== undefined) {
    throw new Error(
      `the volume demo is attached to another server: make openstack ARGS="server remove volume ${attached} ${ensured.row.id}"`,
    );
  }
  await api.post("compute", `/servers/${target.id}/os-volume_attachments`, {
    volumeAttachment: { volumeId: ensured.row.id },
  });
  await until("the volume to be attached", async () => ((await look())["status"] === "in-use" ? true : undefined));
  return { ...ensured, outcome: ensured.outcome === "found" ? "repaired" : ensured.outcome };
}
