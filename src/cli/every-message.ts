import { bakedMessage } from "../baked/messages.ts";
import { deploymentMessage } from "../deployment/messages.ts";
import type { Entry } from "../diagnostics/catalog.ts";
import { composeMessage } from "../host/compose/messages.ts";
import { driverMessage } from "../host/driver-messages.ts";
import { etcdFailure } from "../host/etcd/messages.ts";
import { healthMessage } from "../host/health/messages.ts";
import { inventoryMessage } from "../host/inventory/inventory-messages.ts";
import { clusterMessage } from "../host/kubernetes/messages.ts";
import { hostMessage } from "../host/messages.ts";
import { imageMessage } from "../image/messages.ts";
import { modelMessage } from "../model/messages.ts";
import { optionMessage } from "../options/messages.ts";
import { etcdMessage } from "../overlay/etcd-messages.ts";
import { overlayMessage } from "../overlay/messages.ts";
import { pillarMessage } from "../pillar/messages.ts";
import { renderMessage } from "../render/messages.ts";
import { secretMessage } from "../secrets/messages.ts";
import { settingsMessage } from "../settings/messages.ts";
import { upgradeMessage } from "../upgrade/messages.ts";
import { runMessage } from "../upgrade/run-messages.ts";
import { waitMessage } from "../wait/messages.ts";
import { cliMessage } from "./messages.ts";
import { modelVerbMessage } from "./model/messages.ts";

/** Every table of messages that plinth has. What the scripts of `make` say stands in docs/errors.md only. */
const tables: readonly { readonly entries: Readonly<Record<string, Entry<never>>> }[] = [
  bakedMessage,
  cliMessage,
  modelVerbMessage,
  composeMessage,
  deploymentMessage,
  driverMessage,
  etcdFailure,
  healthMessage,
  inventoryMessage,
  clusterMessage,
  hostMessage,
  imageMessage,
  modelMessage,
  optionMessage,
  etcdMessage,
  overlayMessage,
  pillarMessage,
  renderMessage,
  secretMessage,
  settingsMessage,
  upgradeMessage,
  runMessage,
  waitMessage,
];

/** Every message by its code. */
export const everyMessage: ReadonlyMap<string, Entry<unknown>> = new Map(
  tables.flatMap(({ entries }) => Object.entries(entries) as [string, Entry<unknown>][]),
);
