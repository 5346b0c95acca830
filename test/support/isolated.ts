import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { moduleFile } from "../../adapters/package-files.ts";

/**
 * What a script prints as JSON that runs in a process of its own (needs `dist/`): for what cannot be undone.
 * @param modules names by which the script has what modules below the package export
 */
export async function isolated(modules: Readonly<Record<string, string>>, script: string): Promise<unknown> {
  const imports = Object.entries(modules).map(([name, path]) => `import * as ${name} from "${moduleFile(path)}";\n`);
  const program = `${imports.join("")}const result = await (async () => {${script}})();\nconsole.log(JSON.stringify(result));`;
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program]);
  return JSON.parse(stdout);
}
