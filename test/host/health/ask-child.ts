// Asks for a broker connection and prints the result: a process of its own, whose user a test can choose.
import { askBroker } from "../../../src/host/health/broker.ts";

process.stdout.write(JSON.stringify(await askBroker([{ host: "127.0.0.1", port: Number(process.argv[2]) }], 1000)));
