// One bundle per folder of frontend/ that has an index: frontend/upload/index.js becomes studio/upload.js, with the CSS
// that it imports as studio/upload.css; frontend/site/index.css becomes studio/site.css. Files beside the folders are
// shared by them. Warnings fail the build.

import { existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const target = join(here, "..", "build", "static", "studio");
const entries = readdirSync(here, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => [name, ["index.js", "index.css"].map((file) => join(here, name, file)).find(existsSync)])
  .filter(([, index]) => index);

const options = {
  entryPoints: Object.fromEntries(entries),
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
