import type { PlanView, WhyView } from '../../shared/api/views.ts';
import { formatRanges, toRanges } from '../../shared/ids.ts';
import { show } from './describe-update.ts';
import { printable } from './printable.ts';

/** Hosts shown by name before the rest is counted. */
const PLACEMENTS_SHOWN = 12;

/** A plan for a person: what changes, where it would go, what would stay pending and why. */
export function describePlan(plan: PlanView): string {
  if (plan.refused) return `${printable(plan.refused.message)}\n`;
  const lines = [`${plan.key}: ${plan.summary}`];
  const group = (sign: string, word: string, instances: readonly number[]): void => {
    if (instances.length > 0)
      lines.push(`  ${sign} ${word} ${instances.length}: ${formatRanges(toRanges(instances))}`);
  };
  group('+', 'add', plan.add);
  group('~', 'change', plan.change);
  group('-', 'remove', plan.remove);
  group('=', 'leave', plan.unchanged);
  if (plan.diff.length > 0) {
    lines.push('changes');
    for (const { path, from, to } of plan.diff) {
      if (from !== undefined) lines.push(`  - ${path}: ${show(from)}`);
      if (to !== undefined) lines.push(`  + ${path}: ${show(to)}`);
    }
  }
  const placed = plan.placements.filter((placement) => placement.host !== null);
  if (placed.length > 0) {
    lines.push('placement');
    for (const { instance, host } of placed.slice(0, PLACEMENTS_SHOWN))
      lines.push(`  ${instance} → ${host ?? ''}`);
    if (placed.length > PLACEMENTS_SHOWN) lines.push(`  … and ${placed.length - PLACEMENTS_SHOWN} more`);
  }
  for (const why of plan.pending) lines.push(...describeWhy(why));
  for (const warning of plan.warnings) lines.push(`warning: ${warning}`);
  return `${lines.map(printable).join('\n')}\n`;
}

/** Why a group is pending: how many agents fail which test, the nearest ones, what would help. */
export function describeWhy(why: WhyView): string[] {
  const { wants } = why;
  const lines = [
    `pending: ${why.job}/${formatRanges(toRanges(why.instances))}: ${why.summary}`,
    `  wants cpu ${wants.cpus}, ram ${wants.ramMb}M, disk ${wants.diskMb}M${wants.ports > 0 ? `, ${wants.ports} ports` : ''}${wants.gpus > 0 ? `, ${wants.gpus} gpus` : ''}`,
    `  ${why.agents} agents, each counted at its first failing test:`,
    ...why.vetoes.map((veto) => `    ${String(veto.agents).padStart(5)}  ${veto.subject}: ${veto.detail}`),
  ];
  if (why.nearest.length > 0) lines.push('  nearest:');
  for (const host of why.nearest) {
    lines.push(
      `    ${host.host}  free cpu ${host.cpusFree}, ram ${host.ramMbFree}M, disk ${host.diskMbFree}M  missing ${host.missing}`,
    );
  }
  if (why.remedies.length > 0) lines.push('  what would help:');
  for (const remedy of why.remedies) lines.push(`    ${remedy}`);
  return lines;
}
