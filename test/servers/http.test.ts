import { httpServer } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";

behavesLikeADependency(httpServer, (port) => `http://127.0.0.1:${port}/v3#expect=200`, [
  {
    title: "whose page is not there says which status it answered",
    url: (port) => `http://127.0.0.1:${port}/v2#expect=200,300`,
    says: /^HTTP status 404, not 200 or 300$/,
  },
  {
    title: "that is no etcd says so",
    url: (port) => `etcd://127.0.0.1:${port}`,
    says: /no etcd.*404/,
  },
  {
    title: "that speaks no TLS says so",
    url: (port) => `https://127.0.0.1:${port}/`,
    says: /does not speak https/,
    hopeless: true,
  },
  {
    title: "that is no memcached says so",
    url: (port) => `memcached://127.0.0.1:${port}`,
    says: /no memcached/,
    hopeless: true,
  },
]);
