import { chmodSync, chownSync, lchownSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Run } from '../containerizer.ts';

/** Whom a process belongs to. */
export interface Identity {
  readonly uid: number;
  readonly gid: number;
}

/** The user that a run names is none of this machine. */
export class NoSuchUser extends Error {
  readonly user: string;

  constructor(user: string) {
    super(`No such user '${user}'`);
    this.user = user;
  }
}

/** Whom a run is to belong to: the user of its command, else its framework's. Undefined: nobody is named. @throws NoSuchUser */
export function identityOf(
  { task, user: frameworks }: Run,
  passwd: string = '/etc/passwd',
): Identity | undefined {
  const name = task.command?.user ?? frameworks ?? '';
  if (name === '') return undefined;
  for (const line of readFileSync(passwd, 'utf8').split('\n')) {
    const [user, _password, uid, gid] = line.split(':');
    if (user === name) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new NoSuchUser(name);
}

/** A sandbox with all that was put into it, and the volumes, are the user's; the way to it is open, and nothing else of it. */
export function giveSandbox(sandbox: string, volumes: Run['volumes'] = [], { uid, gid }: Identity): void {
  const directory = dirname(sandbox);
  for (const above of [dirname(directory), directory]) chmodSync(above, 0o711);
  giveTree(sandbox, uid, gid);
  for (const { from, readOnly } of volumes) if (!readOnly) chownSync(from, uid, gid);
}

/** Links are given away, not what they lead to. */
function giveTree(path: string, uid: number, gid: number): void {
  lchownSync(path, uid, gid);
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    const below = join(path, entry.name);
    if (entry.isDirectory()) giveTree(below, uid, gid);
    else lchownSync(below, uid, gid);
  }
}
