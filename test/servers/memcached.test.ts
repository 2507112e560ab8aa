import { memcached } from "../support/servers.ts";
import { behavesLikeADependency } from "./behaviour.ts";

behavesLikeADependency(memcached, (port) => `memcached://127.0.0.1:${port}`, []);
