#!/usr/bin/env node
/**
 * `npm start`, `npm test` and `npm run build` on a clone that has nothing yet: installs what is missing, builds what is stale, goes on.
 * Plain JavaScript without a dependency, since it runs before any is there.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = ['cli', 'server', 'shared', 'package-lock.json', 'tsconfig.json'];
const INSTALLED = join(ROOT, 'node_modules', '.dawn-installed');
const BUILT = join(ROOT, 'dist', '.built');

requireNode(20, 19);
const [task = 'start', ...args] = process.argv.slice(2);
if (!['start', 'test', 'build'].includes(task)) fail(`unknown task ${task}: start, test or build`);
install();
build(task === 'build');
if (task === 'start') run(process.execPath, [join('dist', 'dawn.js'), 'up', ...args]);
if (task === 'test')
  run(process.execPath, [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--config',
    'test/vitest.config.ts',
    ...args,
  ]);

function requireNode(major, minor) {
  const [has = 0, hasMinor = 0] = process.versions.node.split('.').map(Number);
  if (has > major || (has === major && hasMinor >= minor)) return;
  fail(`Dawn needs Node ${major}.${minor} or newer; this is ${process.versions.node}`);
}

/**
 * Once for each content of the lockfile and Node's ABI. `install --no-save` takes the versions of the lockfile as `ci` does, but does not insist on binaries for platforms
 * that are not this one, which a registry mirror may lack.
 */
function install() {
  const lock = readFileSync(join(ROOT, 'package-lock.json'));
  const stamp = `${createHash('sha256').update(lock).digest('hex')} ${process.versions.modules}\n`;
  if (existsSync(INSTALLED) && readFileSync(INSTALLED, 'utf8') === stamp) return;
  say('installing packages (the first time only; about a minute)');
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const result = spawnSync(npm, ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0)
    fail(
      'npm install failed; its messages are above. A C++ compiler, make and python3 are needed where no prebuilt better-sqlite3 fits',
    );
  writeFileSync(INSTALLED, stamp);
}

function build(always) {
  const newest = Math.max(...SOURCES.map((path) => newestIn(join(ROOT, path))));
  if (!always && existsSync(BUILT) && statSync(BUILT).mtimeMs >= newest) return;
  say('building');
  const result = spawnSync(process.execPath, [join(ROOT, 'cli', 'build.mjs')], {
    cwd: ROOT,
    stdio: ['ignore', 2, 2],
  });
  if (result.status !== 0) fail('the build failed; its messages are above');
  writeFileSync(BUILT, '');
}

function newestIn(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestIn(join(path, name))));
}

/** Hands over: same terminal, same signals, same exit code. */
function run(command, argv) {
  const child = spawn(command, argv, { cwd: ROOT, stdio: 'inherit' });
  // The terminal sends Ctrl-C to the whole group; the child decides when it is done.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(signal, () => signal !== 'SIGINT' && child.kill(signal));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => process.exit(signal ? 130 : (code ?? 1)));
}

function say(text) {
  process.stderr.write(`dawn: ${text}\n`);
}

function fail(text) {
  process.stderr.write(`dawn: ${text}\n`);
  process.exit(1);
}
