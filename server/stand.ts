/** How a server comes to lead: at once, or after it stood by for another. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { DawnError, ERRORS } from '../shared/errors.ts';
import type { Clock } from './engine/clock.ts';
import { type Door, Front } from './http/front.ts';
import { reachedAt } from './listening.ts';
import type { logger } from './log.ts';
import type { MasterOptions } from './options.ts';
import type { Random } from './random.ts';
import type { Leadership } from './store/leadership.ts';
import { StoreElection, type StoreJournal } from './store/store-election.ts';

/** Exit code of an I/O error of the store (sysexits EX_IOERR): start again, and recover from what is on disk. */
export const EXIT_IO = 74;

export interface RunningServer {
  readonly url: string;
  /** False: it stands by, for now. */
  readonly leads: boolean;
  /** Whoever stands by leads from then on. */
  close(): Promise<void>;
}

export interface StandParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: ReturnType<typeof logger>;
}

/** What a server is made of while it leads. */
export interface Leading {
  /** Dawn's own paths. */
  readonly routes: FastifyInstance;
  /** Mesos's. */
  readonly mesos: Door | undefined;
  /** For the log. */
  readonly about: Readonly<Record<string, unknown>>;
  /** Everything that is decided is on disk, and the store let go. */
  close(): void;
}

/** Mesos's paths while another server leads. */
export type StandbyDoor = (leadership: () => Leadership) => Door;

/**
 * Opens the store, or waits for it where that is wanted, with the socket open all the time.
 * @param lead everything that rests on the journal
 * @throws DawnError when it cannot start
 */
export async function stand(
  options: MasterOptions,
  { clock, random, log }: StandParts,
  standby: StandbyDoor,
  lead: (journal: StoreJournal, url: string) => Leading,
): Promise<RunningServer> {
  const { listening, authentication, dataDir: directory } = options;
  const election = new StoreElection({
    directory,
    clock,
    fraction: () => random.stream('election').fraction(),
  });
  const leadership = (): Leadership => election.leadership;
  const journal = options.standby ? election.tryNow() : election.take();
  const front = new Front({
    hosts: listening.hosts,
    log,
    authentication,
    leadership,
    standby: standby(leadership),
  });
  const url = await listen(front.app, options).catch((error: unknown) => {
    journal?.close();
    throw error;
  });
  let leading: Leading | undefined;
  const close = async (): Promise<void> => {
    election.close();
    await front.app.close();
    await leading?.routes.close();
    leading?.close();
  };
  const won = async (store: StoreJournal): Promise<void> => {
    election.publish(reachedAt(listening, (front.app.server.address() as AddressInfo).port));
    try {
      leading = lead(store, url);
    } catch (error) {
      store.close();
      await close();
      throw error;
    }
    await front.lead(leading.routes, leading.mesos);
    log('listening', { url, store: store.file, epoch: store.epoch, ...leading.about });
  };
  if (journal) await won(journal);
  else {
    log('standing by', { url, leadership: leadership() });
    const failed = (error: unknown): never => {
      log('this server cannot lead', { error: String(error) });
      process.exit(error instanceof DawnError ? ERRORS[error.code].exit : EXIT_IO);
    };
    election.wait((store) => void won(store).catch(failed), failed);
  }
  return {
    url,
    get leads() {
      return leading !== undefined;
    },
    close,
  };
}

async function listen(app: FastifyInstance, { listening }: MasterOptions): Promise<string> {
  const { host, port } = listening;
  try {
    return await app.listen({ host, port });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new DawnError({
      code: 'conflict',
      message: `port ${port} of ${host} is in use`,
      hint: 'give another with --port',
    });
  }
}
