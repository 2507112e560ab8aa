import { etcd } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";

behavesLikeADependency(etcd, (port) => `etcd://127.0.0.1:${port}`, [
  {
    title: "under a page that it does not have says which status it answered",
    url: (port) => `http://127.0.0.1:${port}/nothing-here`,
    says: /HTTP status 404/,
  },
]);
