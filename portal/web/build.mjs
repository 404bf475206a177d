// Bundles each script of src/ into a folder, with what the SQL page fetches beside it: node build.mjs <folder>.
import { cp, readdir } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = path.dirname(fileURLToPath(import.meta.url));
const folder = process.argv[2];
const duckdb = path.dirname(createRequire(import.meta.url).resolve("@duckdb/duckdb-wasm"));

const sources = (await readdir(path.join(here, "src"))).filter((name) => name.endsWith(".js"));
await build({
  entryPoints: sources.map((name) => path.join(here, "src", name)),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  outdir: folder,
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["duckdb-eh.wasm", "duckdb-browser-eh.worker.js"]) {
  await cp(path.join(duckdb, name), path.join(folder, name));
}
