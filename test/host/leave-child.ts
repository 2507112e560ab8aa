// Looks a name up, and leaves with 143 on SIGTERM: what plinth does while it waits for a host.
import { lookup } from "node:dns";
import { leave, leaveIfToldTo } from "../../src/host/leave.ts";

leaveIfToldTo(process.argv.slice(2));
process.on("SIGTERM", () => leave(143));
if (process.argv[2] !== "quiet") lookup("db.example", () => {});
setInterval(() => {}, 1000);
process.stdout.write("waiting\n");
