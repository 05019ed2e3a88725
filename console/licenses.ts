import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Plugin } from "vite";

const TEXTS = /^(licen[cs]e|notice|copying|third-party-licenses)(\.|-|$)/i;

/**
 * Writes the licences of all packages that are in the bundle into one text file of it. Vite's own `build.license` leaves
 * out what only a worker contains, and notices. `inWorkers` goes into the plugins of the workers, which are built first.
 */
export function licenses(fileName: string): { inPages: Plugin; inWorkers: Plugin } {
  const folders = new Set<string>();
  const collect: Pick<Plugin, "renderChunk"> = {
    renderChunk(_code, chunk) {
      for (const id of Object.keys(chunk.modules)) {
        const folder = packageOf(id);
        if (folder) folders.add(folder);
      }
      return null;
    },
  };
  return {
    inWorkers: { name: "licenses-of-workers", ...collect },
    inPages: {
      name: "licenses",
      ...collect,
      generateBundle() {
        const source = [...folders]
          .toSorted()
          .map(textOf)
          .join(`\n\n${"-".repeat(80)}\n\n`);
        this.emitFile({ type: "asset", fileName, source: `${source}\n` });
      },
    },
  };
}

/** The folder of the package that a module is from; null for our own modules and the bundler's. */
function packageOf(id: string): string | null {
  const file = id.replace(/^\0/, "").replace(/\?.*$/, "");
  if (!file.includes("/node_modules/")) return null;
  let folder = dirname(file);
  // A folder inside a package may have a package.json without a name, which says how its modules are written.
  while (!existsSync(join(folder, "package.json")) || !about(folder).name) folder = dirname(folder);
  return folder;
}

function about(folder: string): { name?: string; version?: string; license?: string } {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
}

function textOf(folder: string): string {
  const { name, version, license = "" } = about(folder);
  const texts = readdirSync(folder)
    .filter((file) => TEXTS.test(file))
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return [`${name} ${version} (${license})`, ...texts].join("\n\n");
}
