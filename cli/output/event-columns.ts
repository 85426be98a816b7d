import type { EventView } from '../../shared/api/views.ts';
import type { Column } from './table.ts';

export const eventColumns: readonly Column<EventView>[] = [
  { title: 'TIME', cell: (event) => event.at.slice(0, 19).replace('T', ' ') },
  { title: 'WHAT', cell: (event) => event.what },
  { title: 'SUBJECT', cell: (event) => event.subject },
  { title: 'BY', cell: (event) => event.user ?? '' },
  { title: 'MESSAGE', cell: (event) => event.message ?? '' },
];
