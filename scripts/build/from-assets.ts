/** The main script of the binary that is one file: the program is inside it. */
import { getRawAsset } from "node:sea";
import { run } from "./loader.ts";

run((name) => Buffer.from(getRawAsset(name) as ArrayBuffer));
