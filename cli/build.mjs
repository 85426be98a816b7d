/**
 * Bundles the program into dist/: one entry, with the console and the server in chunks of their own, so that a command loads neither.
 */
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Native, or heavy and used by the server alone: taken from node_modules at run time. */
const EXTERNAL = ['better-sqlite3', 'dockerode', 'fastify'];

/**
 * Ink rebuilds every cell of every frame; ours does what a full-screen frame of whole lines needs (cli/console/fast-output.ts) and hands anything else to
 * Ink's original. React's developer tools are no part of a console.
 */
const fastInk = {
  name: 'fast-ink',
  setup(esbuild) {
    const inkOutput = fileURLToPath(import.meta.resolve('ink')).replace(/index\.js$/, 'output.js');
    esbuild.onResolve({ filter: /^\.\/output\.js$/ }, (args) =>
      /[\\/]ink[\\/]build[\\/]/.test(args.importer)
        ? { path: `${root}cli/console/fast-output.ts` }
        : undefined,
    );
    esbuild.onResolve({ filter: /^ink-slow-output$/ }, () => ({ path: inkOutput }));
    esbuild.onResolve({ filter: /^react-devtools-core$/ }, () => ({
      path: 'react-devtools-core',
      namespace: 'nothing',
    }));
    esbuild.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({
      contents: 'export default { initialize() {}, connectToDevTools() {} }',
    }));
  },
};

rmSync(`${root}dist`, { recursive: true, force: true });
await build({
  absWorkingDir: root,
  entryPoints: { dawn: 'cli/main.ts' },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  sourcemap: 'linked',
  external: EXTERNAL,
  plugins: [fastInk],
  define: { 'process.env.NODE_ENV': '"production"', 'process.env.DEV': '"false"' },
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  chunkNames: 'chunks/[name]-[hash]',
  logLevel: 'warning',
});
