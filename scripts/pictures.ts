/**
 * Takes the documentation's pictures of the cloud that `make up` and `make demo` made: `node scripts/pictures.ts` (make pictures).
 * They are docs/pictures/*.png, as Chromium shows the pages.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Browser, logInToHorizon, openBrowser } from "../test/support/browser.ts";
import { openApi } from "./stack/demo/api.ts";
import { consoleUrl } from "./stack/demo/servers.ts";
import { deploymentOf, secret } from "./stack/deployment.ts";

const directory = "docs/pictures";
/** GitHub shows them all on one page. */
const mostBytes = 150_000;

const password = secret(deploymentOf(process.env), "admin");

/** Milliseconds in which a page that moves, such as a graph, comes to rest. */
const rest = 4000;

async function take(browser: Browser, name: string): Promise<void> {
  await sleep(rest);
  const picture = await browser.screenshot();
  if (picture.length > mostBytes) throw new Error(`${name}.png has ${picture.length} bytes, more than ${mostBytes}`);
  const file = join(directory, `${name}.png`);
  writeFileSync(file, picture);
  console.log(`${file}: ${Math.round(picture.length / 1000)} kB`);
}

const api = await openApi(password);
const server = (await api.list("compute", "/servers", "servers")).find(({ name }) => name === "demo-1");
if (server === undefined) throw new Error("there is no server demo-1: make demo makes it");
mkdirSync(directory, { recursive: true });
const browser = await openBrowser();
try {
  await logInToHorizon(browser, password);
  await browser.goto("http://localhost:8080/project/instances/");
  await browser.until(`document.body.innerText.includes("demo-1") && document.body.innerText.includes("demo-2")`);
  await take(browser, "instances");
  await browser.goto("http://localhost:8080/project/network_topology/");
  await browser.until(`document.body.innerText.includes("demo-1")`);
  await take(browser, "topology");
  await browser.goto(await consoleUrl(api, server));
  await browser.until(`document.body.innerText.includes("Connected")`);
  await browser.evaluate(`document.querySelector("canvas").focus()`);
  await browser.type("\nclear\n");
  await sleep(rest);
  await browser.type("uname -a\nip address show dev eth0\n");
  await take(browser, "console");
} finally {
  await browser.close();
}
