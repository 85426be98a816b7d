import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { test } from 'vitest';

/** Where Debian puts the sources of Go libraries. */
export const GOCODE = '/usr/share/gocode';
const LIBRARY = `${GOCODE}/src/github.com/mesos/mesos-go`;

/** Why programs that use mesos-go cannot be built here, or null. `DAWN_REQUIRE_GO=1` makes a reason a failure. */
const noGo: string | null = probe();

function probe(): string | null {
  if (!existsSync(LIBRARY)) return 'mesos-go is missing: install golang-github-mesos-mesos-go-dev';
  try {
    execFileSync('go', ['version'], { stdio: 'pipe', timeout: 10_000 });
    return null;
  } catch {
    return 'Go is missing: install golang-go';
  }
}

/** A test that builds a program with mesos-go: skipped by name, with the reason, where that cannot be. */
export function goTest(name: string, run: () => Promise<void>): void {
  if (noGo === null) test(name, run);
  else if (process.env['DAWN_REQUIRE_GO'] === '1') {
    test(name, () => {
      throw new Error(noGo);
    });
  } else test.skip(`${name} (${noGo})`, run);
}
