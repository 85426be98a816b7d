/** The servers of one cluster, of which one leads: how they are named, and which of them to ask. For whoever speaks to them: a scheduler, an agent, a command. */
import { DawnError } from './errors.ts';

const DEFAULT_PORT = 5050;

/**
 * `host:port` or URLs of the masters of one cluster, separated by commas. @throws DawnError for what is no such address, and for ZooKeeper's, which Dawn
 * does not ask: any master that is named sends us on to the leader.
 * @param flag for errors: where they were given
 */
export function parseMasters(flag: string, text: string): URL[] {
  const bad = (part: string, why: string): DawnError =>
    new DawnError({
      code: 'invalid_parameter',
      message: `${flag} ${part}: ${why}`,
      hint: 'give addresses as http://host1:5050,http://host2:5050; a secret is given in a file, by a flag of its own',
    });
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw bad(text, 'no master is named');
  return parts.map((part) => {
    if (part.startsWith('zk://')) throw bad(part, 'the leader is not looked up in ZooKeeper');
    const address = part.includes('://') ? part : `http://${part}`;
    const url = URL.canParse(address) ? new URL(address) : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.hostname === '')
      throw bad(part, 'no address of a master');
    if (url.username !== '' || url.password !== '')
      throw bad(url.host, 'a secret does not belong into an address');
    if (url.port === '' && !/:\/\/|:\d+$/.test(part)) url.port = String(DEFAULT_PORT);
    return new URL('/', url);
  });
}

/** Redirects followed in a row before a master counts as one that knows no leader. */
const REDIRECTS_MAX = 5;

/** Which master to ask next: the one that led last, then each that was named, and wherever redirects point. */
export class Masters {
  private readonly named: readonly URL[];
  private at = 0;
  private tried = 0;
  private redirects = 0;
  /** In this round a named one was asked; before, only the one that led last. */
  private askedNamed: boolean;
  /** The master that is asked now; another than the named ones after a redirect. */
  current: URL;

  /** @param leader the one that led last, if that is known */
  constructor(named: readonly URL[], leader?: URL) {
    const [first] = named;
    if (!first) throw new Error('no master is named');
    this.named = named;
    this.current = leader ?? first;
    this.askedNamed = this.current === first;
  }

  /** A round of attempts begins. */
  begin(): void {
    this.tried = 0;
    this.redirects = 0;
    this.askedNamed = this.current === this.named[this.at];
  }

  /**
   * The current one failed: on to the next that was named, which knows the new leader if it was a redirect that led here. False when all had their turn in
   * this round.
   */
  next(): boolean {
    this.redirects = 0;
    if (this.askedNamed) {
      this.tried += 1;
      this.at = (this.at + 1) % this.named.length;
    }
    this.askedNamed = true;
    this.current = this.named[this.at]!;
    return this.tried < this.named.length;
  }

  /**
   * A master that does not lead answered 307 with `Location: //host:port/master/api/v1/scheduler` (scheme-relative, always behind `/master`). False when it
   * says nothing that could be followed, or when they send us in circles.
   */
  follow(location: string | undefined): boolean {
    if (location === undefined || !URL.canParse(location, this.current.href)) return false;
    if ((this.redirects += 1) > REDIRECTS_MAX) return false;
    const url = new URL(location, this.current.href);
    if (!/^https?:$/.test(url.protocol) || url.host === '') return false;
    // A secret that went out encrypted does not go out in the open.
    if (this.current.protocol === 'https:' && url.protocol !== 'https:') return false;
    this.current = new URL('/', url.origin);
    return true;
  }
}
