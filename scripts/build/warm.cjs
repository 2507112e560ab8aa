// Runs a part of the program and writes V8's code cache as it is afterwards: exactly the functions that were needed are
// compiled in it. `start` runs its whole main job, with a stand-in for etcd's answer, up to the moment of handing over;
// `verbs` and `health` run a verb to its end; the other parts are loaded.
//
// usage: node warm.cjs PART ARGUMENT...    (in build/stage; ARGUMENTs are plinth's)
const { spawn } = require("node:child_process");
const { mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const { createServer } = require("node:http");
const { Script } = require("node:vm");

const [, , part, ...words] = process.argv;
const scripts = {};

function load(name) {
  scripts[name] = new Script(readFileSync(`${name}.cjs`, "latin1"), { filename: `plinth-${name}.cjs` });
  return scripts[name].runInThisContext()(require, load);
}

function finish() {
  writeFileSync(`${part}.cache`, scripts[part].createCachedData());
  process.exit(0);
}

if (part === "start") {
  const empty = {
    header: { revision: "1" },
    succeeded: true,
    responses: [{ response_range: {} }, { response_range: {} }],
  };
  const store = createServer((request, response) => {
    request.resume().on("end", () => response.end(JSON.stringify(empty)));
  });
  process.execve = finish;
  const endpoints = "PLINTH_ETCD_ENDPOINTS";
  if (process.env[endpoints]) {
    process.argv = [process.execPath, "plinth", ...words];
    load(part);
  } else {
    // Once more, with the store in the environment: plinth reads what the process was started with, from /proc.
    store.listen(0, "127.0.0.1", () => {
      const env = { ...process.env, [endpoints]: `http://127.0.0.1:${store.address().port}` };
      spawn(process.execPath, process.argv.slice(1), { env, stdio: "inherit" }).once("exit", process.exit);
    });
  }
} else if (part === "health") {
  const directory = "warm/root/run/plinth/health";
  require("./stand-ins.cjs")
    .standIns()
    .then((question) => {
      mkdirSync(directory, { recursive: true });
      writeFileSync(`${directory}/warm.json`, JSON.stringify(question));
      process.once("exit", (status) => (status === 0 ? finish() : process.abort()));
      process.argv = [process.execPath, "plinth", ...words];
      load(part);
    });
} else if (part === "verbs") {
  process.once("exit", finish);
  process.argv = [process.execPath, "plinth", ...words];
  load("start");
} else {
  load(part);
  // What a part loads later than at once (a client library behind its own import()) has its turn first.
  setTimeout(finish, 50);
}
