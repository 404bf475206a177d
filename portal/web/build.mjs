// Bundles each script of src/ into dist/, with what the SQL page fetches beside it. Nothing is fetched at run time.
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { build } from "esbuild";

const here = import.meta.dirname;
const dist = path.join(here, "dist");
const duckdb = path.dirname(createRequire(import.meta.url).resolve("@duckdb/duckdb-wasm"));

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const sources = (await readdir(path.join(here, "src"))).filter((name) => name.endsWith(".js"));
await build({
  entryPoints: sources.map((name) => path.join(here, "src", name)),
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2022",
  outdir: dist,
  legalComments: "none",
  logLevel: "warning",
});
for (const name of ["duckdb-eh.wasm", "duckdb-browser-eh.worker.js"]) {
  await cp(path.join(duckdb, name), path.join(dist, name));
}
