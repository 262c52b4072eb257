/** The rooms' slices of the configuration joined. One line per room. */
import type { BindingSlice } from "../config/slice.ts";
import { analyticsEngineConfig } from "./analytics-engine/config.ts";
import { assetsConfig } from "./assets/config.ts";
import { d1Config } from "./d1/config.ts";
import { sendEmailConfig } from "./email/config.ts";
import { hyperdriveConfig } from "./hyperdrive/config.ts";
import { kvConfig } from "./kv/config.ts";
import { r2Config } from "./r2/config.ts";
import { rateLimitConfig, unsafeConfig } from "./ratelimit/config.ts";
import { secretsStoreConfig } from "./secrets-store/config.ts";
import { varsConfig } from "./vars/config.ts";
import { versionMetadataConfig } from "./version-metadata/config.ts";

export const slices: readonly BindingSlice[] = [
  varsConfig,
  kvConfig,
  r2Config,
  d1Config,
  rateLimitConfig,
  unsafeConfig,
  versionMetadataConfig,
  sendEmailConfig,
  analyticsEngineConfig,
  secretsStoreConfig,
  hyperdriveConfig,
  assetsConfig,
];
