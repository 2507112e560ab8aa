import assert from "node:assert/strict";
import { test } from "node:test";
import { readersEnvironment } from "./clone.ts";

test("a page's shell has what a reader's has, and nothing of the checkout, of make or of the test runner", () => {
  const given = {
    HOME: "/home/reader",
    PATH: "/home/me/plinth/node_modules/.bin:/usr/bin:/home/me/plinth-other/bin:/home/me/plinth/build/bin:/bin",
    MAKEFLAGS: "w -- VERSION=zed",
    MAKELEVEL: "1",
    VERSION: "zed",
    STACK: "other",
    OVERLAY: "elsewhere",
    NODE_TEST_CONTEXT: "child-v8",
    NODE_OPTIONS: "--inspect",
    PLINTH_MODEL: "elsewhere",
    OS_PASSWORD: "secret",
    npm_config_cache: "/cache",
    npm_lifecycle_event: "test",
    DOCKER_HOST: "unix:///run/docker.sock",
    KUBECONFIG: "/home/reader/.kube/config",
    LOAD_IMAGES: "kind load docker-image",
  };
  assert.deepEqual(readersEnvironment(given, "/home/me/plinth"), {
    HOME: "/home/reader",
    PATH: "/usr/bin:/home/me/plinth-other/bin:/bin",
    npm_config_cache: "/cache",
    DOCKER_HOST: "unix:///run/docker.sock",
    // Which cluster a reader has, and how images come to its nodes, is the reader's own.
    KUBECONFIG: "/home/reader/.kube/config",
    LOAD_IMAGES: "kind load docker-image",
  });
});
