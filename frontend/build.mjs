// One bundle per folder of frontend/ that has an index.js: frontend/upload/index.js becomes studio/upload.js.
// Files beside the folders are shared by them. Warnings fail the build.

import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "build", "static", "studio");
const bundles = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && existsSync(join(here, entry.name, "index.js")))
  .map((entry) => entry.name);

const options = {
  entryPoints: Object.fromEntries(bundles.map((name) => [name, join(here, name, "index.js")])),
  outdir: target,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome120", "firefox121", "safari17.4"],
  legalComments: "linked",
  define: { "process.env.NODE_ENV": '"production"' },
  metafile: true,
  logLevel: "warning",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  rmSync(target, { recursive: true, force: true });
  const built = await esbuild.build(options);
  for (const path of Object.keys(built.metafile.outputs).filter((name) => /\.(js|css)$/.test(name))) {
    const gzipped = gzipSync(readFileSync(path), { level: 9 }).length;
    console.log(`${basename(path).padEnd(14)} ${(gzipped / 1024).toFixed(1).padStart(6)} KB gzipped`);
  }
  if (built.warnings.length) {
    process.exitCode = 1;
  }
}
