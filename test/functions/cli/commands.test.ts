import { describe, expect, test } from "vitest";
import { parseSettings } from "../../../core/settings.ts";
import { COMMANDS, commandWords } from "../../../functions/cli/commands.ts";
import { COMMON_FLAGS, type Flag, SETTING_FLAGS } from "../../../functions/cli/flags.ts";
import { commandHelp, programHelp, settingsHelp } from "../../../functions/cli/help.ts";
import { flagsOf } from "../../../functions/cli/parse.ts";

/** Every variable that the settings are read from. */
function variablesRead(): string[] {
  const seen = new Set<string>();
  const environment = new Proxy<Record<string, string | undefined>>(
    {},
    {
      get: (_, name) => {
        seen.add(String(name));
        return undefined;
      },
    },
  );
  parseSettings(environment, { hostName: "host", absolute: (path) => path });
  return [...seen].toSorted();
}

describe("COMMANDS", () => {
  test("has each word once", () => {
    expect(new Set(commandWords()).size).toBe(commandWords().length);
  });

  test.each(COMMANDS)("$name can be loaded and run", async (command) => {
    expect(typeof (await command.load()).run).toBe("function");
  });

  test.each(COMMANDS)("$name requires nothing after what is optional", ({ positionals }) => {
    const firstOptional = positionals.findIndex(({ isOptional }) => isOptional);
    const rest = firstOptional === -1 ? [] : positionals.slice(firstOptional);
    expect(rest.every(({ isOptional }) => isOptional)).toBe(true);
  });

  test("a flag of one name is of one kind in all commands, so that it may stand before the command", () => {
    const kinds = new Map<string, Flag["kind"]>();
    for (const command of COMMANDS) {
      for (const [name, { kind }] of Object.entries(flagsOf(command))) {
        expect(kinds.get(name) ?? kind, `--${name} of ${command.name}`).toBe(kind);
        kinds.set(name, kind);
      }
    }
  });

  test("shows flags of settings that there are", () => {
    const shown = COMMANDS.flatMap(({ settings = [] }) => settings);
    expect(shown.filter((name) => SETTING_FLAGS[name] === undefined)).toEqual([]);
  });
});

describe("SETTING_FLAGS", () => {
  test("there is a flag for each variable that the settings are read from, and none for another", () => {
    const flags = Object.values({ ...COMMON_FLAGS, ...SETTING_FLAGS });
    const variables = flags.flatMap(({ setting }) => (setting === undefined ? [] : [setting]));
    expect(variables.toSorted()).toEqual(variablesRead());
  });

  test("each flag is named like its variable", () => {
    for (const [name, { setting }] of Object.entries(SETTING_FLAGS)) {
      expect(setting).toBe(`IMGSTORE_${name.toUpperCase().replaceAll("-", "_")}`);
    }
  });
});

describe("help", () => {
  test("programHelp names every command with its summary", () => {
    const text = programHelp().join("\n");
    for (const { name, summary } of COMMANDS) {
      expect(text).toMatch(new RegExp(`^  ${name}\\b`, "m"));
      expect(text).toContain(summary);
    }
  });

  test.each(COMMANDS)("commandHelp of $name names its positionals, its flags and its aliases", (command) => {
    const text = commandHelp(command).join("\n");
    for (const { name } of command.positionals) expect(text).toContain(name);
    for (const name of Object.keys(command.flags)) expect(text).toMatch(new RegExp(`--(\\[no-\\])?${name}\\b`));
    for (const alias of command.aliases ?? []) expect(text).toContain(alias);
  });

  test("settingsHelp names every variable", () => {
    const text = settingsHelp().join("\n");
    for (const variable of variablesRead()) expect(text).toContain(variable);
  });
});
