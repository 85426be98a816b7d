import type { WhyAnswer } from '../../shared/api/views.ts';
import { describeWhy } from './describe-plan.ts';
import { printable } from './printable.ts';

export function describeWhyAnswer(answer: WhyAnswer): string {
  const lines = [
    `${answer.key}: ${answer.summary}`,
    ...answer.pending.flatMap(describeWhy),
    ...answer.notes.filter((note) => note !== answer.summary),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}
