// The table of phases and faults: how often each kind of fault fell while an operation was in each phase.
import { FAULT_KINDS } from './fault-kinds.ts';
import { PHASE_NAMES, whyUnreachable } from './unreachable-cells.ts';

const NAME_WIDTH = 22;
const CELL_WIDTH = 9;

export function formatCells(cells: Readonly<Record<string, number>>): string {
  const heads = PHASE_NAMES.map((phase) => phase.slice(0, CELL_WIDTH - 1).padStart(CELL_WIDTH));
  const rows = FAULT_KINDS.map((kind) => {
    const counts = PHASE_NAMES.map((phase) => {
      const count = cells[`${phase} x ${kind}`] ?? 0;
      return (count === 0 && whyUnreachable(phase, kind) !== null ? '-' : String(count)).padStart(CELL_WIDTH);
    });
    return `${kind.padEnd(NAME_WIDTH)}${counts.join('')}`;
  });
  return [`${'phases x faults'.padEnd(NAME_WIDTH)}${heads.join('')}`, ...rows].join('\n');
}

/** Cells that no run has met and that no reason excuses. */
export function emptyCells(cells: Readonly<Record<string, number>>): readonly string[] {
  return PHASE_NAMES.flatMap((phase) =>
    FAULT_KINDS.filter((kind) => (cells[`${phase} x ${kind}`] ?? 0) === 0 && whyUnreachable(phase, kind) === null).map(
      (kind) => `${phase} x ${kind}`,
    ),
  );
}
