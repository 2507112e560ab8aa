import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Api, Row } from "./api.ts";
import { type Ensured, ensure, type Outcome, until, worse } from "./ensure.ts";

/** An image with these bytes. One whose bytes are others is made again. */
async function image(
  api: Api,
  name: string,
  format: string,
  bytes: Uint8Array<ArrayBuffer>,
  more: Readonly<Record<string, unknown>>,
): Promise<Ensured> {
  const checksum = createHash("md5").update(bytes).digest("hex");
  const ensured = await ensure(api, {
    service: "image",
    path: "/v2/images",
    query: `name=${name}&owner=${api.project}&os_hidden=${more["os_hidden"] === true}`,
    key: "images",
    name,
    serves: (row) => row["checksum"] === checksum && Object.entries(more).every(([key, value]) => row[key] === value),
    make: async () => {
      const container = format === "raw" ? "bare" : format;
      const body = { name, disk_format: format, container_format: container, visibility: "public", ...more };
      const row = (await api.post("image", "/v2/images", body)) as Row;
      await api.upload(`/v2/images/${row.id}/file`, bytes);
      return row;
    },
  });
  await until(`image ${name} to be active`, async () => {
    const { status } = await api.get("image", `/v2/images/${ensured.row.id}`);
    return status === "active" ? true : undefined;
  });
  return ensured;
}

/** The guest of a directory as an image to start servers from: a disk beside a kernel and an initramfs, which lists do not show. */
export async function images(api: Api, directory: string): Promise<Ensured> {
  // Their names tell versions apart: images of servers, which people make, go on to name an earlier one.
  const part = (file: string, format: string): Promise<Ensured> => {
    const bytes = new Uint8Array(readFileSync(join(directory, file)));
    const version = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
    return image(api, `demo-${file}-${version}`, format, bytes, { os_hidden: true });
  };
  const [kernel, initramfs] = await Promise.all([part("kernel", "aki"), part("initramfs", "ari")]);
  const disk = await image(api, "demo", "raw", new Uint8Array(1 << 20), {
    kernel_id: kernel.row.id,
    ramdisk_id: initramfs.row.id,
    // Nothing in it listens to a power button, and nova would wait a minute for that at each stop and resize.
    os_shutdown_timeout: "2",
  });
  return { row: disk.row, outcome: worse([kernel.outcome, initramfs.outcome, disk.outcome]) };
}

const flavor = (api: Api, name: string, ram: number): Promise<Ensured> =>
  ensure(api, {
    service: "compute",
    path: "/flavors",
    key: "flavors",
    name,
    make: async () =>
      (await api.post("compute", "/flavors", { flavor: { name, ram, disk: 1, vcpus: 1 } }))["flavor"] as Row,
  });

/** A flavor for the demo's servers, and one to resize them to. */
export async function flavors(api: Api): Promise<{ readonly small: Row; readonly outcome: Outcome }> {
  const [small, large] = await Promise.all([flavor(api, "demo-small", 160), flavor(api, "demo-large", 224)]);
  return { small: small.row, outcome: worse([small.outcome, large.outcome]) };
}
