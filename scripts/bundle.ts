import { basename, dirname } from "node:path";
import { build, type OutputOptions } from "rolldown";
import { ENTRIES, packageRoot } from "../adapters/package-files.ts";
import { commandFile } from "./command-file.ts";

/** Two levels below the package, like all that looks for the package's own files from `dist/`. */
const DIRECTORY = dirname(commandFile);

// Bundles the command and what it starts, after `tsc -b` has built what other packages load. Node takes longer to find and
// open a hundred small modules than to run them: what every command needs and what reading a store needs are one file
// each, and whatever is loaded later stays apart. CommonJS, because Node 20 starts that faster than modules.
await bundle("functions/cli/main.ts", {
  cleanDir: true,
  entryFileNames: basename(commandFile),
  chunkFileNames: "[name].cjs",
  codeSplitting: {
    groups: [
      // each with all that it imports; but --server alone needs undici
      { name: "command", test: /functions\/cli\/(?!main|transports\/over-http)/ },
      { name: "store", test: /functions\/runtimes\/node\.|functions\/http\/read-images\.|adapters\/libsql\/file\./ },
    ],
  },
});

// Each by itself: a process that unpacks is started for every image, and would load the command and its database only
// because they share a function.
for (const entry of ENTRIES) {
  const name = basename(entry);
  await bundle(`${entry}.ts`, {
    entryFileNames: `${name}.cjs`,
    chunkFileNames: `${name}-[name].cjs`,
  });
}

async function bundle(input: string, output: OutputOptions): Promise<void> {
  await build({
    cwd: packageRoot,
    input,
    platform: "node",
    // libsql stays whole: it finds its native part beside itself, and only hoisting would put that beside us
    external: (id) => isPackage(id) && !/^(?:hono|valibot)(?:\/|$)/.test(id),
    output: { ...output, dir: DIRECTORY, format: "cjs", comments: false },
    checks: { ineffectiveDynamicImport: false },
  });
}

function isPackage(id: string): boolean {
  return /^[^./]/.test(id);
}
