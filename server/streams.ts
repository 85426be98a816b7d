/** Streams and requests of agents and frameworks over HTTP: where the effects of the master go. */
import { never } from '../shared/errors.ts';
import type { Call, Event } from '../shared/mesos/scheduler.ts';
import type { Engine } from './engine/engine.ts';
import type { AgentSink } from './http/agents/endpoint.ts';
import type { FrameworkHub, FrameworkSink } from './http/mesos/scheduler.ts';
import type { OperatorHub } from './http/mesos/operator/parts.ts';
import { IN_PROCESS } from './link/in-process.ts';
import type { CallAnswer, Connection, MasterEffect, OperatorNews } from './master/facts.ts';
import { offerMessages } from './master/offer-message.ts';
import type { MasterWorld } from './master/world.ts';

/** Who listens outside: streams by connection, and callers by the name of their request. */
export interface Streams {
  readonly agents: Map<Connection, AgentSink>;
  readonly frameworks: Map<Connection, FrameworkSink>;
  /** Those who watch the master. */
  readonly operators: Set<(news: OperatorNews) => void>;
  readonly answers: Map<string, (answer: CallAnswer) => void>;
}

export function frameworkHub(engine: Engine, master: MasterWorld, streams: Streams): FrameworkHub {
  let requests = 0;
  // Our own scheduler is in this process: nobody takes its place over HTTP, or speaks for it.
  const isOurs = (call: Call): boolean =>
    call.framework_id !== undefined &&
    call.framework_id.value === master.frameworkByConnection.get(IN_PROCESS);
  const ours = 'Framework is not connected via HTTP';
  return {
    open: (connection, sink) => void streams.frameworks.set(connection, sink),
    call(connection, call, principal) {
      if (call.type === 'SUBSCRIBE') {
        if (isOurs(call)) refuse(streams.frameworks.get(connection), ours);
        else engine.submitToMaster({ kind: 'framework-call', connection, call });
        return Promise.resolve({ status: 200 });
      }
      if (isOurs(call)) return Promise.resolve({ status: 403, message: ours });
      return new Promise((resolve) => {
        const request = String((requests += 1));
        streams.answers.set(request, resolve);
        engine.submitToMaster({ kind: 'framework-call', connection, call, request, principal });
      });
    },
    closed(connection) {
      streams.frameworks.delete(connection);
      engine.submitToMaster({ kind: 'framework-closed', connection });
    },
  };
}

/** Operators' commands, and their news. */
export function operatorHub(engine: Engine, streams: Streams): OperatorHub {
  let requests = 0;
  return {
    perform: (call, principal) =>
      new Promise((resolve) => {
        const request = `operator ${(requests += 1)}`;
        streams.answers.set(request, resolve);
        engine.submitToMaster({ kind: 'operator-call', call, request, principal });
      }),
    watch(listener) {
      streams.operators.add(listener);
      return () => streams.operators.delete(listener);
    },
  };
}

function refuse(sink: FrameworkSink | undefined, message: string): void {
  sink?.send({ type: 'ERROR', error: { message } });
  sink?.close();
}

export function perform(effect: MasterEffect, streams: Streams, engine: Engine): void {
  switch (effect.kind) {
    case 'agent-event':
      return streams.agents.get(effect.connection)?.send(effect.event);
    case 'framework-event':
      return toFramework(effect.connection, effect.event, streams, engine);
    case 'offers': {
      const offers = offerMessages(effect.offers, effect.framework);
      return toFramework(effect.connection, { type: 'OFFERS', offers: { offers } }, streams, engine);
    }
    case 'close':
      return (streams.agents.get(effect.connection) ?? streams.frameworks.get(effect.connection))?.close();
    case 'operator-event':
      for (const listener of streams.operators) listener(effect.news);
      return;
    case 'call-answer':
      streams.answers.get(effect.request)?.(effect.answer);
      streams.answers.delete(effect.request);
      return;
    default:
      never(effect);
  }
}

function toFramework(connection: Connection, event: Event, streams: Streams, engine: Engine): void {
  if (connection === IN_PROCESS) engine.submit({ kind: 'event', event });
  else streams.frameworks.get(connection)?.send(event);
}
