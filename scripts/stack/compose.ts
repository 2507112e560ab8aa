/** `docker compose` for the dev stack: `node scripts/stack/compose.ts logs nova-api`. */
import { composeHere, deploymentOf } from "./deployment.ts";

process.exitCode = await composeHere(deploymentOf(process.env), process.argv.slice(2));
