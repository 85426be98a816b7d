import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openFetcher } from '../../../../server/agent/fetcher/fetcher.ts';
import type { Fetch } from '../../../../server/agent/prepare.ts';
import type { CommandUri } from '../../../../shared/mesos/v1.ts';

let directory: string;
let sandbox: string;
let fetcher: Fetch;
let server: Server;
let url: string;
let asked: string[];
let authorizations: [path: string, authorization: string | undefined][];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'dawn-fetch-'));
  sandbox = join(directory, 'sandbox');
  mkdirSync(sandbox);
  asked = [];
  authorizations = [];
  fetcher = await open();
  server = createServer((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    authorizations.push([path, request.headers.authorization]);
    // The same server under another name is another server.
    const location = `http://localhost:${request.socket.localPort}/file`;
    if (path === '/elsewhere') return void response.writeHead(302, { location }).end();
    if (path === '/moved') return void response.writeHead(302, { location: '/file' }).end();
    if (path === '/round') return void response.writeHead(302, { location: '/round' }).end();
    if (path === '/away') return void response.writeHead(302, { location: 'file:///etc/passwd' }).end();
    if (path === '/short') {
      response.writeHead(200, { 'content-length': '100' }).write('half');
      return void setTimeout(() => response.destroy(), 20);
    }
    if (path === '/still') return void response.writeHead(200).write('half');
    if (path.startsWith('/missing')) return void response.writeHead(404).end('no');
    response.end(`content of ${path}`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(directory, { recursive: true, force: true });
});

function open(more: { cacheBytesMax?: number; frameworksHome?: string } = {}): Promise<Fetch> {
  return openFetcher({
    workDir: join(directory, 'work'),
    cacheBytesMax: 1024,
    stallMs: 300,
    frameworksHome: undefined,
    ...more,
  });
}

function get(...uris: CommandUri[]): Promise<void> {
  return fetcher(uris, sandbox, new AbortController().signal);
}

const inSandbox = (name: string): string => readFileSync(join(sandbox, name), 'utf8');

/** An archive made of a directory's files. */
function archive(name: string, files: Readonly<Record<string, string>>, flags: string): string {
  const source = mkdtempSync(join(directory, 'source-'));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(source, file), text);
  const path = join(directory, name);
  execFileSync('tar', [`-c${flags}f`, path, '-C', source, '.']);
  return path;
}

describe('lands in the sandbox', () => {
  test.each<[string, () => CommandUri, string, string]>([
    ['over HTTP', () => ({ value: `${url}/file?x=1` }), 'file', 'content of /file?x=1'],
    ['with its name decoded', () => ({ value: `${url}/a%20b` }), 'a b', 'content of /a%20b'],
    ['after a redirect', () => ({ value: `${url}/moved` }), 'moved', 'content of /file'],
    [
      'under another name',
      () => ({ value: `${url}/file`, output_file: 'sub/own' }),
      'sub/own',
      'content of /file',
    ],
  ])('%s', async (_what, uri, name, text) => {
    await get(uri());
    expect(inSandbox(name)).toBe(text);
  });

  test('with the name and password of its URI, which go nowhere else', async () => {
    const { host } = new URL(url);
    await get({ value: `http://me:s%203@${host}/secret` }, { value: `http://me:s%203@${host}/elsewhere` });
    expect(inSandbox('secret')).toBe('content of /secret');
    const basic = `Basic ${Buffer.from('me:s 3').toString('base64')}`;
    expect(authorizations).toEqual([
      ['/secret', basic],
      ['/elsewhere', basic],
      ['/file', undefined],
    ]);
  });

  test('from a file, by path, by URL, below --frameworks_home', async () => {
    const file = join(directory, 'own.txt');
    writeFileSync(file, 'own');
    await get({ value: file }, { value: `file://${file}`, output_file: 'two' });
    fetcher = await open({ frameworksHome: directory });
    await get({ value: 'own.txt', output_file: 'three' });
    expect(['own.txt', 'two', 'three'].map(inSandbox)).toEqual(['own', 'own', 'own']);
  });

  test('executable, and so not extracted', async () => {
    const path = archive('tool.tar.gz', { inside: 'x' }, 'z');
    await get({ value: path, executable: true });
    expect(statSync(join(sandbox, 'tool.tar.gz')).mode & 0o111).toBe(0o111);
    expect(readdirSync(sandbox)).toEqual(['tool.tar.gz']);
  });

  test.each([
    ['plain.tar', ''],
    ['packed.tgz', 'z'],
    ['packed.tar.gz', 'z'],
  ])('%s is extracted into the sandbox', async (name, flags) => {
    await get({ value: archive(name, { inside: 'text' }, flags) });
    expect(readdirSync(sandbox).sort()).toEqual(['inside', name].sort());
    expect(inSandbox('inside')).toBe('text');
  });

  test('archives and packed files are unpacked into the sandbox itself, wherever they are put', async () => {
    writeFileSync(join(directory, 'log.gz'), gzipSync('text'));
    await get(
      { value: join(directory, 'log.gz'), output_file: 'a/b/log.gz' },
      { value: archive('some.tgz', { inside: 'text' }, 'z'), output_file: 'c/some.tgz' },
    );
    expect(readdirSync(sandbox).sort()).toEqual(['a', 'c', 'inside', 'log']);
    expect([inSandbox('log'), inSandbox('inside')]).toEqual(['text', 'text']);
    expect(readdirSync(join(sandbox, 'a/b'))).toEqual(['log.gz']);
  });

  test('a packed file is unpacked; nothing is, where that is not wanted', async () => {
    writeFileSync(join(directory, 'log.gz'), gzipSync('text'));
    await get(
      { value: join(directory, 'log.gz') },
      { value: join(directory, 'log.gz'), output_file: 'as-it-is.gz', extract: false },
    );
    expect(readdirSync(sandbox).sort()).toEqual(['as-it-is.gz', 'log', 'log.gz']);
  });
});

describe('fails with a sentence, and leaves nothing half-done', () => {
  test.each<[string, () => CommandUri, RegExp]>([
    ['not found', () => ({ value: `${url}/missing` }), /Failed to fetch http.*: HTTP 404/],
    ['endless redirects', () => ({ value: `${url}/round` }), /more than 10 redirects/],
    ['a redirect to a file', () => ({ value: `${url}/away` }), /redirects to file:/],
    ['a connection cut off', () => ({ value: `${url}/short` }), /broke the connection off|of 100 bytes/],
    ['a server that stalls', () => ({ value: `${url}/still` }), /sent nothing for 0.3 s/],
    [
      'nobody listens',
      () => ({ value: 'http://127.0.0.1:1/x' }),
      /nothing answers at 127.0.0.1:1 \(ECONNREFUSED\)/,
    ],
    [
      'no such host',
      () => ({ value: 'http://no-such-host.invalid/x' }),
      /no-such-host.invalid.*\((ENOTFOUND|EAI_AGAIN)\)/,
    ],
    ['a scheme of others', () => ({ value: 's3://bucket/x' }), /s3 is not spoken here/],
    ['a relative path', () => ({ value: 'x/y' }), /--frameworks_home/],
    ['no such file', () => ({ value: '/no/such/file' }), /no such file/],
    ['a directory', () => ({ value: '/tmp' }), /no regular file/],
    ['no name', () => ({ value: `${url}/` }), /say output_file/],
    ['a name that is a path', () => ({ value: `${url}/..%2Fx` }), /say output_file/],
    ['out of the sandbox', () => ({ value: `${url}/file`, output_file: '../x' }), /no path below/],
    ['an absolute name', () => ({ value: `${url}/file`, output_file: '/tmp/x' }), /no path below/],
  ])('%s', async (_what, uri, said) => {
    await expect(get(uri())).rejects.toThrow(said);
    expect(readdirSync(sandbox)).toEqual([]);
    expect(readdirSync(join(directory, 'work', 'fetch'))).toEqual([]);
  });

  test('what is no archive', async () => {
    writeFileSync(join(directory, 'broken.tar.gz'), 'no archive');
    await expect(get({ value: join(directory, 'broken.tar.gz') })).rejects.toThrow(/tar cannot unpack it/);
  });

  test.each(['http://me:s3cret@127.0.0.1:1/x', 'ftp://me:s3cret@host/x'])(
    'the password in %s is not told',
    async (value) => {
      const told = await get({ value }).catch((error: Error) => error.message);
      expect(told).toContain('me:***@');
      expect(told).not.toContain('s3cret');
    },
  );

  test('whoever goes away', async () => {
    const gone = new AbortController();
    const fetching = fetcher([{ value: `${url}/still` }], sandbox, gone.signal);
    gone.abort(new Error('killed'));
    await expect(fetching).rejects.toThrow('killed');
    expect(readdirSync(sandbox)).toEqual([]);
  });
});

describe('an archive cannot reach out of the sandbox', () => {
  test('by names with ..', async () => {
    mkdirSync(join(directory, 'deep'));
    writeFileSync(join(directory, 'evil'), 'evil');
    const path = join(directory, 'evil.tar');
    execFileSync('tar', ['-cPf', path, '-C', join(directory, 'deep'), '../evil']);
    rmSync(join(directory, 'evil'));
    await get({ value: path }).catch(() => undefined);
    expect(existsSync(join(directory, 'evil'))).toBe(false);
  });

  test('by a link, and a second archive that writes through it', async () => {
    const outside = join(directory, 'outside');
    mkdirSync(outside);
    const first = mkdtempSync(join(directory, 'first-'));
    symlinkSync(outside, join(first, 'd'));
    execFileSync('tar', ['-cf', join(directory, 'first.tar'), '-C', first, 'd']);
    const second = mkdtempSync(join(directory, 'second-'));
    mkdirSync(join(second, 'd'));
    writeFileSync(join(second, 'd', 'evil'), 'evil');
    execFileSync('tar', ['-cf', join(directory, 'second.tar'), '-C', second, 'd/evil']);
    const both = get({ value: join(directory, 'first.tar') }, { value: join(directory, 'second.tar') });
    await expect(both).rejects.toThrow(/d in it is a link to .*outside, out of the sandbox/);
    expect(readdirSync(outside)).toEqual([]);
  });
});

describe('the cache', () => {
  const cached = (path: string): CommandUri => ({ value: `${url}${path}`, cache: true });

  test('asks once, also for those who ask at the same time', async () => {
    const other = join(directory, 'other');
    mkdirSync(other);
    const signal = new AbortController().signal;
    await Promise.all([fetcher([cached('/a')], sandbox, signal), fetcher([cached('/a')], other, signal)]);
    await get(cached('/a'));
    expect(asked).toEqual(['/a']);
    expect(readFileSync(join(other, 'a'), 'utf8')).toBe(inSandbox('a'));
  });

  test('gives to none what another user fetched', async () => {
    const { signal } = new AbortController();
    for (const user of ['ann', 'bob', undefined, 'ann']) await fetcher([cached('/a')], sandbox, signal, user);
    expect(asked).toEqual(['/a', '/a', '/a']);
  });

  test('keeps no failure', async () => {
    await expect(get(cached('/missing'))).rejects.toThrow('404');
    await expect(get(cached('/missing'))).rejects.toThrow('404');
    expect(asked).toEqual(['/missing', '/missing']);
  });

  test('drops what was used least recently when there is too much', async () => {
    fetcher = await open({ cacheBytesMax: 2 * 'content of /a'.length });
    await get(cached('/a'), cached('/b'), cached('/a'), cached('/c'));
    asked = [];
    await get(cached('/a'), cached('/c'), cached('/b'));
    expect(asked).toEqual(['/b']);
  });

  test('what is not cached is asked for each time', async () => {
    await get({ value: `${url}/a` }, { value: `${url}/a`, output_file: 'again' });
    expect(asked).toEqual(['/a', '/a']);
  });
});
