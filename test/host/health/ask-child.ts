// Asks for a connection and prints the result: a process of its own, whose user a test can choose.
import { askConnected } from "../../../src/host/health/connected.ts";

process.stdout.write(JSON.stringify(await askConnected([{ host: "127.0.0.1", port: Number(process.argv[2]) }], 1000)));
