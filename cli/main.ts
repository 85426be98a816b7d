#!/usr/bin/env node
/** The `dawn` binary: finds the command and loads only what it needs. */
import { VERSION } from '../shared/version.ts';

const [first] = process.argv.slice(2);
if (first === '--version' || first === '-V' || first === 'version') {
  process.stdout.write(`${VERSION}\n`);
} else if (first === 'server') {
  const { serverMain } = await import('../server/main.ts');
  await serverMain(process.argv.slice(3));
} else if (first === 'master') {
  const { masterMain } = await import('../server/main.ts');
  await masterMain(process.argv.slice(3));
} else if (first === 'agent') {
  const { agentMain } = await import('../server/run-agent.ts');
  await agentMain(process.argv.slice(3));
} else {
  const { runCommandLine } = await import('./command-line/run.ts');
  process.exitCode = await runCommandLine(process.argv.slice(2));
}
