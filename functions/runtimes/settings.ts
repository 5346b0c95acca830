import { hostname } from "node:os";
import { resolve } from "node:path";
import { parseSettings, type Settings } from "../../core/settings.ts";

/**
 * This process's settings: its environment with `overrides` (flags, by the variable each sets) laid over it.
 * @throws {ImgstoreError} INVALID_SETTING
 */
export function readSettings(overrides: Readonly<Record<string, string>> = {}): Settings {
  return parseSettings({ ...process.env, ...overrides }, { hostName: hostname(), absolute: (path) => resolve(path) });
}
