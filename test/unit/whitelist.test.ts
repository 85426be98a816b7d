import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { followWhitelist } from '../../server/whitelist.ts';
import { VirtualClock } from '../sim/virtual-clock.ts';

let dir: string;
beforeEach(() => void (dir = mkdtempSync(join(tmpdir(), 'dawn-whitelist-'))));
afterEach(() => rmSync(dir, { recursive: true }));

test('a whitelist is read again every five seconds; what cannot be read changes nothing', async () => {
  const file = join(dir, 'hosts');
  const clock = new VirtualClock();
  const told: string[][] = [];
  const log = vi.fn();
  const looks = vi.spyOn(clock, 'at');
  const end = followWhitelist(
    { file, text: ' a \r\n\nb\n' },
    { clock, log, told: (hostnames) => told.push([...hostnames]) },
  );
  /** Five seconds, until the file was looked at and the next look is arranged. */
  const look = async (): Promise<void> => {
    const before = looks.mock.calls.length;
    await clock.advance(5_000, () => {});
    await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(before + 1));
  };
  await vi.waitFor(() => expect(looks).toHaveBeenCalledTimes(1));
  expect(told).toEqual([['a', 'b']]);
  await look();
  await look();
  expect(log).toHaveBeenCalledTimes(1);
  writeFileSync(file, 'b\nc');
  await look();
  await look();
  writeFileSync(file, '');
  await look();
  rmSync(file);
  await look();
  expect(log).toHaveBeenCalledTimes(2);
  expect(told).toEqual([['a', 'b'], ['b', 'c'], []]);
  end();
  writeFileSync(file, 'd');
  await clock.advance(60_000, () => {});
  expect(told).toHaveLength(3);
});
