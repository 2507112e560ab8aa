import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A real Chromium without a window, driven by its DevTools protocol (https://chromedevtools.github.io/devtools-protocol/). */
export type Browser = {
  readonly goto: (url: string) => Promise<void>;
  /** @returns what the expression gives in the page, waited for where it is a promise. */
  readonly evaluate: <T>(expression: string) => Promise<T>;
  /** Asks until the expression is true. */
  readonly until: (expression: string, withinMs?: number) => Promise<void>;
  /** Presses the keys of a text, `\n` for Enter, in whatever has the focus. */
  readonly type: (text: string) => Promise<void>;
  /** @returns the page as PNG. */
  readonly screenshot: () => Promise<Buffer>;
  readonly close: () => Promise<void>;
};

type Message = { readonly id?: number; readonly result?: unknown; readonly error?: { readonly message: string } };

export async function openBrowser(): Promise<Browser> {
  const directory = mkdtempSync(join(tmpdir(), "plinth-browser-"));
  const child = spawn(
    "chromium",
    [
      ...["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"],
      ...["--remote-debugging-port=0", `--user-data-dir=${directory}`, "--window-size=1400,800", "about:blank"],
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  const address = await new Promise<string>((found, failed) => {
    let said = "";
    child.once("error", failed);
    child.once("exit", () => failed(new Error(`chromium ended: ${said.slice(-1000)}`)));
    child.stderr.on("data", (text) => {
      said += text;
      const [, url] = /DevTools listening on (ws:\/\/\S+)/.exec(said) ?? [];
      if (url !== undefined) found(url);
    });
  });
  const pages = `http://${new URL(address).host}/json/list`;
  const list = (await (await fetch(pages)).json()) as { type: string; webSocketDebuggerUrl: string }[];
  const page = list.find(({ type }) => type === "page");
  if (!page) throw new Error("chromium has no page");
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await new Promise((opened) => socket.addEventListener("open", opened));
  const open = new Map<number, (message: Message) => void>();
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) open.get(message.id)?.(message);
  });
  let last = 0;
  const call = async <T>(method: string, parameters: object = {}): Promise<T> => {
    const id = ++last;
    const answer = new Promise<Message>((settle) => open.set(id, settle));
    socket.send(JSON.stringify({ id, method, params: parameters }));
    const { result, error } = await answer;
    open.delete(id);
    if (error) throw new Error(`${method}: ${error.message}`);
    return result as T;
  };
  const evaluate = async <T>(expression: string): Promise<T> => {
    const given = { expression, returnByValue: true, awaitPromise: true };
    const { result, exceptionDetails } = await call<{
      result: { value: T };
      exceptionDetails?: { exception?: { description?: string } };
    }>("Runtime.evaluate", given);
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? `${expression} failed`);
    return result.value;
  };
  const until = async (expression: string, withinMs = 60_000): Promise<void> => {
    const deadline = performance.now() + withinMs;
    // While a page is being left its context is gone, and asking fails.
    while (!(await evaluate<boolean>(expression).catch(() => false))) {
      if (performance.now() > deadline) {
        const text = await evaluate<string>("document.body.innerText").catch(() => "");
        throw new Error(`${expression}: not within ${withinMs} ms; the page says: ${text.slice(0, 500)}`);
      }
      await sleep(200);
    }
  };
  return {
    async goto(url) {
      await call("Page.navigate", { url });
      await until(`document.readyState === "complete" && location.href !== "about:blank"`);
    },
    evaluate,
    until,
    async type(text) {
      for (const letter of text) {
        const key =
          letter === "\n" ? { key: "Enter", windowsVirtualKeyCode: 13, text: "\r" } : { key: letter, text: letter };
        await call("Input.dispatchKeyEvent", { type: "keyDown", ...key });
        await call("Input.dispatchKeyEvent", { type: "keyUp", key: key.key });
        await sleep(30);
      }
    },
    async screenshot() {
      const { data } = await call<{ data: string }>("Page.captureScreenshot", { format: "png" });
      return Buffer.from(data, "base64");
    },
    async close() {
      socket.close();
      child.kill();
      await new Promise((ended) => child.once("exit", ended));
      rmSync(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    },
  };
}

/** Logs a browser in to the dev stack's horizon as a person does, by its form. */
export async function logInToHorizon(browser: Browser, password: string): Promise<void> {
  await browser.goto("http://localhost:8080/auth/login/");
  await browser.evaluate(`(() => {
    document.querySelector("input[name=username]").value = "admin";
    document.querySelector("input[name=password]").value = ${JSON.stringify(password)};
    document.querySelector("form").submit();
  })()`);
  await browser.until(`!location.pathname.includes("/login")`);
}
