/** The console as a person uses it: in a real terminal, on a real cluster, at the smallest and at a large size. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { argumentsOf, Dawn, ROOT, until } from './dawn.ts';
import { noTmux, Terminal } from './tmux.ts';

const KEY = 'demo/devel/greeter';
const JOBS = join(ROOT, 'fixtures', 'jobs');

/** Frame, hints and crumbs where they belong, nothing left over from another screen: the screen is whole. */
function whole(screen: readonly string[], columns: number, rows: number): void {
  expect(screen.length).toBe(rows);
  expect(screen[0]).toMatch(/^ dawn {2}local/);
  expect(screen[0]).toMatch(/(live|STALE .*|connecting|quiet .*)$/);
  expect(screen[2]).toMatch(new RegExp(`^──.*─{0,${columns}}`));
  expect(screen[2]?.length).toBe(columns);
  expect(screen[rows - 3]).toBe('─'.repeat(columns));
  expect(screen[rows - 1]).toMatch(/^ Jobs.*\d\d:\d\d/);
  for (const line of screen) expect(line.length).toBeLessThanOrEqual(columns);
}

async function story(columns: number, rows: number): Promise<void> {
  const dawn = new Dawn({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  const terminal = new Terminal(
    `story-${columns}`,
    `node ${join(ROOT, 'dist', 'dawn.js')} up`,
    columns,
    rows,
    { DAWN_HOME: dawn.home, DOCKER_HOST: 'unix:///nowhere/docker.sock' },
  );
  const look = async (text: string | RegExp): Promise<string[]> => {
    const screen = await terminal.see(text);
    whole(screen, columns, rows);
    return screen;
  };
  const line = (text: string): void => {
    terminal.keys(':');
    terminal.type(text);
    terminal.keys('Enter');
  };
  try {
    // `dawn up` opens the console with the demo running.
    await look(/demo\/prod\/hello.*3\/3 +HEALTHY/);

    // Submit: the plan first, with the command that does the same; then watch three instances come up.
    line(`submit ${join(JOBS, 'hello.yaml')}`);
    await look(/create demo\/devel\/greeter with 3 instances/);
    await look('same as:  dawn job submit');
    terminal.keys('y');
    await look(/demo\/devel\/greeter.*3\/3 +HEALTHY/);
    terminal.keys('/');
    terminal.type('greeter');
    terminal.keys('Enter');
    await look('Jobs · 1');
    terminal.keys('Enter');
    const job = await look(/3 of 3 running/);
    expect(job.filter((each) => each.includes('RUNNING')).length).toBeGreaterThanOrEqual(3);

    // Scale to five.
    terminal.keys('x');
    await look('act:  s scale');
    terminal.keys('s');
    await look('instances: 3');
    terminal.keys('BSpace');
    terminal.type('5');
    terminal.keys('Enter');
    await look('add 2 instances');
    await look(`dawn job scale ${KEY} 5`);
    terminal.keys('y');
    await look('5 of 5 running');

    // A changed file: the diff, then the update, live.
    line(`submit ${join(JOBS, 'hello-v2.yaml')}`);
    await look('+ command: while true; do echo "good morning');
    terminal.keys('y');
    await look(/ROLLING_FORWARD \d\/5/);
    terminal.keys('u');
    await look(/In flight/);
    await look(/ROLLED_FORWARD 5\/5/);
    terminal.keys('Escape');

    // A broken one rolls back by itself; the reason is in the update's events, the words in the logs.
    line(`submit ${join(JOBS, 'hello-broken.yaml')}`);
    await look('+ command: echo "cannot find my configuration"');
    terminal.keys('y');
    await look(/ROLLING_|ROLLED_BACK/);
    terminal.keys('u');
    await look(/ROLLED_BACK \d\/\d/);
    await look(/Latest failure: instance 0 FAILED: exit 3/);
    terminal.keys('l');
    await look(/good morning from 0/);
    terminal.keys('q');
    await look(/ROLLED_BACK/);

    // Hosts, help, and why something waits.
    line(`submit ${join(JOBS, 'greedy.yaml')}`);
    await look('2 of 2 would stay pending');
    terminal.keys('y');
    await look('greedy: created with 2 instances');
    line('why demo/devel/greedy');
    await look('each counted at its first failing test');
    await look('What would help');
    line('hosts');
    await look('agent-3');
    terminal.keys('?');
    await look(/first; follow, in logs|last; follow/);
    terminal.keys('q');

    // Another size, and back.
    for (const [width, height] of [
      [100, 30],
      [columns, rows],
    ] as const) {
      terminal.resize(width, height);
      await until(
        `${width}x${height}`,
        () => whole(terminal.screen(), width, height),
        () => true,
      );
    }

    // `:q` ends the cluster that this console started, and gives the terminal back.
    line('q');
    await terminal.see('ended with 0', 40_000);
    expect((await dawn.run('cluster', 'info')).code).toBe(7);
  } finally {
    terminal.close();
    await dawn.close();
  }
}

describe.skipIf(noTmux !== null)(`the console in a terminal${noTmux === null ? '' : ` (${noTmux})`}`, () => {
  test.each([
    [80, 24],
    [160, 45],
  ])('the story at %ix%i', story);

  test('a lost server is said, what is shown stays, and it comes back by itself', async () => {
    const dawn = new Dawn({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect((await dawn.run('up', '--detach')).code).toBe(0);
    const { url, serverPid } = dawn.cluster;
    const terminal = new Terminal(
      'lost',
      `node ${join(ROOT, 'dist', 'dawn.js')} --cluster ${url} console`,
      100,
      30,
      { DAWN_HOME: dawn.home },
    );
    try {
      await terminal.see(/demo\/prod\/hello.*HEALTHY/);
      const args = argumentsOf(serverPid).filter((arg) => arg !== '--ready-line');
      process.kill(serverPid, 'SIGKILL');
      const lost = await terminal.see(/STALE \d+s/);
      expect(lost.join('\n')).toContain('demo/prod/hello');
      dawn.restart(serverPid, args);
      await terminal.see(/ live *$/m);
    } finally {
      terminal.close();
      await dawn.close();
    }
  });

  test('editing a job goes through the editor, says what is wrong, and plans what is right', async () => {
    const dawn = new Dawn({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
    expect((await dawn.run('up', '--detach')).code).toBe(0);
    // An editor that breaks the file first, and repairs it when it sees the complaint.
    const editor = join(dawn.home, 'editor.sh');
    writeFileSync(
      editor,
      '#!/bin/sh\nif grep -q "^# " "$1"; then sed -i "s/^instnces:.*/instances: 4/" "$1"; else sed -i "s/^instances:.*/instnces: 4/" "$1"; fi\n',
      { mode: 0o755 },
    );
    const terminal = new Terminal(
      'edit',
      `node ${join(ROOT, 'dist', 'dawn.js')} --cluster ${dawn.cluster.url} console -c "job demo/prod/hello"`,
      100,
      30,
      { DAWN_HOME: dawn.home, EDITOR: editor },
    );
    try {
      await terminal.see('3 of 3 running');
      terminal.keys('e');
      await terminal.see(/update demo\/prod\/hello: add 1/);
      terminal.keys('y');
      await terminal.see(/4 of 4 running|ROLLED_FORWARD/);
    } finally {
      terminal.close();
      await dawn.close();
    }
  });
});

test('a snapshot is one frame of plain text, without a terminal', async () => {
  const dawn = new Dawn({ DOCKER_HOST: 'unix:///nowhere/docker.sock' });
  try {
    expect((await dawn.run('up', '--detach')).code).toBe(0);
    const { out, code } = await dawn.run(
      'console',
      '--snapshot',
      '--size',
      '80x24',
      '-c',
      'job demo/prod/hello',
    );
    expect(code).toBe(0);
    const lines = out.replace(/\n$/, '').split('\n');
    expect(lines).toHaveLength(24);
    expect(out).not.toContain('\u001b');
    expect(out).toContain('3 of 3 running');
    expect((await dawn.run('console')).err).toContain('the console needs a terminal');
  } finally {
    await dawn.close();
  }
});
