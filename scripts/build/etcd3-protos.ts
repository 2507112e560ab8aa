import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Plugin } from "esbuild";

/** The one call with which etcd3 reads its protocol from beside itself, when it is loaded. */
const fromDisk = /\(0, proto_loader_1\.loadSync\)\(`\$\{__dirname\}\/\.\.\/proto\/rpc\.proto`,/;

/** @returns etcd's protocol as the JSON that protobufjs makes of it, the files that it imports included. */
function protocol(pool: string): string {
  // Resolved from etcd3 on: the protobufjs that reads it here is the very one that will interpret it.
  const requireFromLoader = createRequire(createRequire(pool).resolve("@grpc/proto-loader"));
  const { Root } = requireFromLoader("protobufjs") as typeof import("protobufjs");
  const root = new Root().loadSync(join(dirname(pool), "../proto/rpc.proto"), { keepCase: true });
  return JSON.stringify(root.toJSON());
}

/** Lets etcd3 run from a single file: the protos it would read from disk become part of the bundle. */
export const embedEtcdProtos: Plugin = {
  name: "embed-etcd-protos",
  setup(build) {
    build.onLoad({ filter: /[\\/]etcd3[\\/]lib[\\/]connection-pool\.js$/ }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      if (!fromDisk.test(source)) {
        return {
          errors: [{ text: "etcd3 does not load its protos as it did: scripts/build/etcd3-protos.ts must follow" }],
        };
      }
      // A text for JSON.parse rather than an object: V8 parses it several times faster, and only when etcd3 is loaded.
      const embedded = `(0, proto_loader_1.fromJSON)(JSON.parse(${JSON.stringify(protocol(path))}),`;
      return { contents: source.replace(fromDisk, () => embedded), loader: "js" };
    });
  },
};
