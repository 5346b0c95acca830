import { basename, dirname } from "node:path";
import { build } from "rolldown";
import { ENTRIES, packageRoot } from "../adapters/package-files.ts";
import { commandFile } from "./command-file.ts";

/**
 * Bundles the command and what it starts, after `tsc -b` has built what other packages load. Node takes longer to find
 * and open a hundred small modules than to run them: what every command needs and what reading a store needs are one file
 * each, and whatever is loaded later stays apart. CommonJS, because Node 20 starts that faster than modules.
 */
await build({
  cwd: packageRoot,
  input: {
    [basename(commandFile, ".cjs")]: "functions/cli/main.ts",
    ...Object.fromEntries(ENTRIES.map((entry) => [basename(entry), `${entry}.ts`])),
  },
  platform: "node",
  // libsql stays whole: it finds its native part beside itself, and only hoisting would put that beside us
  external: (id) => isPackage(id) && !/^(?:hono|valibot)(?:\/|$)/.test(id),
  output: {
    // two levels below the package, like all that looks for the package's own files from `dist/`
    dir: dirname(commandFile),
    cleanDir: true,
    format: "cjs",
    entryFileNames: "[name].cjs",
    chunkFileNames: "[name].cjs",
    comments: false,
    codeSplitting: {
      groups: [
        // each with all that it imports; but --server alone needs undici
        { name: "command", test: /functions\/cli\/(?!main|transports\/over-http)/ },
        { name: "store", test: /functions\/runtimes\/node\.|functions\/http\/read-images\.|adapters\/libsql\/file\./ },
      ],
    },
  },
  checks: { ineffectiveDynamicImport: false },
});

function isPackage(id: string): boolean {
  return /^[^./]/.test(id);
}
